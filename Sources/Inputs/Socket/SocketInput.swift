public import Series
import System

/// Receives metrics that programs on this host send to a Unix datagram socket, one or more lines
/// per datagram, each in StatsD format or in InfluxDB's line protocol.
///
/// StatsD lines are aggregated over ``SocketSection/flushInterval`` and reported at its end:
/// counters as a rate per second, which is 0 if nothing was sent; gauges as their last value;
/// timers as rate, mean, 95th percentile and maximum; sets as the number of distinct members.
/// Fields of the line protocol are delivered on arrival, with their own time.
///
/// Each user's traffic is limited, and the excess costs no more than receiving it.
public final class SocketInput: Input {
  /// The name of its configuration section.
  public let name: String

  let configuration: SocketSection
  let metrics: SocketMetrics
  private var socket: DatagramSocket?
  /// How often a different socket came into use.
  private var openings = 0
  /// When the existence of the socket's file was last checked.
  private var pathChecked: Timestamp?
  /// The current datagram.
  @exclusivity(unchecked) var buffer: [UInt8]
  private var clock: SocketClock

  /// An input that opens its socket at the first poll.
  public init(name: String, configuration: SocketSection) {
    self.name = name
    self.configuration = configuration
    metrics = SocketMetrics(prefix: configuration.prefix ?? name, configuration: configuration)
    clock = SocketClock(interval: configuration.flushInterval)
    buffer = [UInt8](repeating: 0, count: configuration.datagramBytes)
  }

  /// Its health.
  public var health: InputHealth {
    var health = metrics.counters
    health.malformed = metrics.problems.malformed
    health.lastError = metrics.problems.lastError
    health.lastErrorAt = metrics.problems.lastErrorAt
    return health
  }

  /// Notices for the user since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] { metrics.problems.drain() }

  /// The socket, while it is open.
  public var readiness: InputReadiness? {
    socket.map { InputReadiness(descriptor: $0.descriptor.number, generation: openings) }
  }

  /// Takes over the socket of an input that this one replaces, so that programs connected to it are
  /// not affected.
  public func takeOver(from predecessor: any Input) {
    guard let predecessor = predecessor as? SocketInput, let open = predecessor.socket,
      predecessor.configuration.path == configuration.path,
      predecessor.configuration.mode == configuration.mode,
      predecessor.configuration.group == configuration.group
    else { return }
    socket = open
    openings += 1
    predecessor.socket = nil
  }

  /// Ends an interval if it is over, and receives datagrams, at most ``SocketLimits/pollBytes``.
  public func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome {
    metrics.problems.settle(at: now)
    if let (end, length) = clock.tick(now) {
      metrics.flush(at: end, after: length, now: now, to: sink)
    }
    keepOpen(at: now)
    var taken = 0
    while let socket, taken < SocketLimits.pollBytes {
      do throws(DatagramSocketError) {
        guard let datagram = try socket.receive(into: &buffer) else { return .drained }
        taken += min(datagram.count, buffer.count) + SocketLimits.datagramCost
        take(datagram, at: now, into: sink)
      } catch {
        metrics.problems.add(.lost, at: now) { "\(error), reopening it" }
        self.socket = nil
        return .drained
      }
    }
    return socket == nil ? .drained : .moreReady
  }

  /// Processes the datagram in ``buffer``, if its sender is within the limits.
  func take(
    _ datagram: DatagramSocket.Datagram,
    at now: Timestamp,
    into sink: some SampleSink
  ) {
    let account = metrics.senders.account(of: datagram.user, at: now)
    let sender = SocketSender(user: datagram.user, process: datagram.process, account: account)
    guard metrics.senders.mayGo(account, at: now) else {
      metrics.drop(.rate, sender, at: now)
      return
    }
    guard datagram.count <= buffer.count else {
      metrics.drop(.bytes, sender, at: now)
      return
    }
    var start = 0
    while start < datagram.count {
      start = takeLine(from: start, to: datagram.count, sender, at: now, into: sink)
    }
  }

  /// Processes the line at `start`, or reports its fault. A quoted text of the line
  /// protocol may contain line ends.
  /// - Returns: where the next line begins.
  private func takeLine(
    from start: Int, to count: Int, _ sender: SocketSender, at now: Timestamp,
    into sink: some SampleSink
  ) -> Int {
    let first = buffer.span.first(0x0A, in: start..<count) ?? count
    var end = first
    var fault: SocketFault?
    for _ in 0...SocketLimits.quotedTexts {
      do throws(SocketFault) {
        try take(line: start..<end, sender, at: now, into: sink)
        return end + 1
      } catch {
        fault = fault ?? error
        guard case .openText(let text) = error, end < count,
          let quote = InfluxLine.closingQuote(buffer.span, text.lowerBound..<count)
        else { break }
        end = buffer.span.first(0x0A, in: quote..<count) ?? count
      }
    }
    if let fault {
      metrics.problems.add(fault.problem, at: now) {
        "\(configuration.path): \(sender): \(fault.description(in: buffer)), skipping the line: "
          + Excerpt.quoted(buffer[start..<first])
      }
    }
    return first + 1
  }

  private func take(
    line: Range<Int>,
    _ sender: SocketSender,
    at now: Timestamp,
    into sink: some SampleSink
  ) throws(SocketFault) {
    let datagram = buffer
    let bytes = datagram.span
    switch try SocketLine(bytes, line) {
    case .statsD(let statsD): try metrics.take(statsD, bytes, sender, at: now, sink)
    case .influx(let influx): try metrics.take(influx, bytes, sender, at: now, sink)
    case .notAMetric: metrics.skip("an event or service check", sender)
    case .nothing: return
    }
  }

  /// Opens the socket if there is none, or if it can no longer be reached.
  private func keepOpen(at now: Timestamp) {
    if let checked = pathChecked, checked <= now,
      now.elapsed(since: checked) < SocketLimits.pathCheck
    {
      return
    }
    pathChecked = now
    let isLost = socket.map { !$0.isReachable } ?? false
    guard socket == nil || isLost else { return }
    do throws(DatagramSocketError) {
      let opened = try DatagramSocket(
        path: configuration.path,
        mode: configuration.mode,
        group: configuration.group
      )
      if isLost {
        metrics.problems.inform(
          "\(configuration.path): the socket's file was removed, recreated it")
      }
      socket = opened
      openings += 1
      metrics.problems.summarize(.closed)
    } catch {
      let next = isLost ? "those connected are still served" : "retrying until it opens"
      metrics.problems.add(.closed, at: now) { "\(error), \(next)" }
    }
  }

  // MARK: Position

  /// The known metrics and the values of gauges.
  public func encodePosition() -> [UInt8] { metrics.encodePosition() }

  /// Resumes with the known metrics. Names created under another prefix or other tags are useless;
  /// unreadable parts are reported, readable ones kept.
  public func restorePosition(_ bytes: [UInt8]) { metrics.restorePosition(bytes) }
}

/// The sender of a datagram.
struct SocketSender: CustomStringConvertible {
  /// The user's number.
  var user: UInt32
  /// The process; 0 if it is not one of this system.
  var process: Int32
  /// The index in ``SocketSenders``.
  var account: Int

  /// The sender in words.
  var description: String { "process \(process) of user \(user)" }
}
