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
/// What one user may send is limited, and the excess costs no more than receiving it.
public final class SocketInput: Input {
  /// The name of its configuration section.
  public let name: String

  let configuration: SocketSection
  /// What metric names begin with, before a dot; empty for none.
  let prefix: String
  var socket: DatagramSocket?
  /// How often a different socket came into use.
  var openings = 0
  /// When the existence of the socket's file was last checked.
  var pathChecked: Timestamp?
  var problems: ProblemLog<SocketProblem>
  var counters = InputHealth()
  var table = SocketTable()
  var senders: SocketSenders
  var seriesName = SocketName(prefix: "")
  var tags: SocketTags
  /// Counts the intervals.
  var intervals = 0
  /// Whether a value that is not a number was reported.
  var isSkippingTold = false
  /// The current datagram.
  var buffer: [UInt8]
  private var clock: SocketClock

  /// An input that opens its socket at the first poll.
  public init(name: String, configuration: SocketSection) {
    self.name = name
    self.configuration = configuration
    prefix = configuration.prefix ?? name
    problems = ProblemLog(configuration.path, quietPeriod: configuration.quietPeriod)
    senders = SocketSenders(
      datagramsPerSecond: configuration.datagramsPerSecond,
      quietPeriod: configuration.quietPeriod
    )
    seriesName = SocketName(prefix: prefix)
    tags = SocketTags(configuration.tags)
    clock = SocketClock(interval: configuration.flushInterval)
    buffer = [UInt8](repeating: 0, count: configuration.datagramBytes)
  }

  /// Its health.
  public var health: InputHealth {
    var health = counters
    health.malformed = problems.malformed
    health.lastError = problems.lastError
    health.lastErrorAt = problems.lastErrorAt
    return health
  }

  /// Notices for the user since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] { problems.drain() }

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
    problems.settle(at: now)
    if let (end, length) = clock.tick(now) { flush(at: end, after: length, now: now, to: sink) }
    keepOpen(at: now)
    var taken = 0
    while let socket, taken < SocketLimits.pollBytes {
      do throws(DatagramSocketError) {
        guard let datagram = try socket.receive(into: &buffer) else { return .drained }
        taken += min(datagram.count, buffer.count) + SocketLimits.datagramCost
        take(datagram, at: now, into: sink)
      } catch {
        problems.add(.lost, at: now) { "\(error), reopening it" }
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
    let account = senders.account(of: datagram.user, at: now)
    let sender = SocketSender(user: datagram.user, process: datagram.process, account: account)
    guard senders.mayGo(account, at: now) else {
      drop(.rate, sender, at: now)
      return
    }
    guard datagram.count <= buffer.count else {
      drop(.bytes, sender, at: now)
      return
    }
    var start = 0
    while start < datagram.count {
      let end = buffer.span.first(0x0A, in: start..<datagram.count) ?? datagram.count
      take(line: start..<end, sender, at: now, into: sink)
      start = end + 1
    }
  }

  /// Processes one line, or reports what is wrong with it.
  private func take(
    line: Range<Int>,
    _ sender: SocketSender,
    at now: Timestamp,
    into sink: some SampleSink
  ) {
    do throws(SocketFault) {
      let datagram = buffer
      let bytes = datagram.span
      switch try SocketLine(bytes, line) {
      case .statsD(let statsD): try take(statsD, bytes, sender, at: now, sink)
      case .influx(let influx): try take(influx, bytes, sender, at: now, sink)
      case .notAMetric: skip("an event or service check", sender)
      case .nothing: return
      }
    } catch {
      problems.add(error.problem, at: now) {
        "\(configuration.path): \(sender): \(error.description(in: buffer)), skipping the line: "
          + Excerpt.quoted(buffer[line])
      }
    }
  }
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
