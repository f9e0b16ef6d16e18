public import Series
import System

/// Takes metrics that programs of this host send to a Unix datagram socket, one or more lines a
/// datagram, each in StatsD's form or in that of InfluxDB's line protocol.
///
/// StatsD lines are summed up over ``SocketSection/flushInterval`` and told at its end:
/// counters as a rate per second, which is 0 when nothing comes, for then nothing happens; gauges as
/// their last value; timers as rate, mean, 95th percentile and maximum; sets as the number of
/// different things. Fields of the line protocol are told as they come, with their own time.
///
/// What one user may send is limited, and what is beyond that costs no more than being received.
public final class SocketInput: Input {
  /// The name of its configuration section.
  public let name: String

  let configuration: SocketSection
  /// What metric names begin with, before a dot; empty for none.
  let prefix: String
  var socket: DatagramSocket?
  /// How often another socket came into use.
  var openings = 0
  /// When it was looked last whether the socket's file is there.
  var pathChecked: Timestamp?
  var problems: ProblemLog<SocketProblem>
  var counters = InputHealth()
  var table = SocketTable()
  var senders: SocketSenders
  var seriesName = SocketName(prefix: "")
  var tags: SocketTags
  /// Counts the intervals.
  var intervals = 0
  /// Whether it was told that something is no number.
  var isSkippingTold = false
  /// The datagram at hand.
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

  /// How it is doing.
  public var health: InputHealth {
    var health = counters
    health.malformed = problems.malformed
    health.lastError = problems.lastError
    health.lastErrorAt = problems.lastErrorAt
    return health
  }

  /// What a person should hear of since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] { problems.drain() }

  /// The socket, while it is open.
  public var readiness: InputReadiness? {
    socket.map { InputReadiness(descriptor: $0.descriptor.number, generation: openings) }
  }

  /// Goes on with the socket of an input that this one replaces, so that programs that hold a
  /// connection to it notice nothing.
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

  /// Ends an interval where one is over, and takes datagrams, at most ``SocketLimits/pollBytes``.
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
        problems.add(.lost, at: now) { "\(error), opening it anew" }
        self.socket = nil
        return .drained
      }
    }
    return socket == nil ? .drained : .moreReady
  }

  /// Takes the datagram in ``buffer``, if its sender may send it.
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

  /// Takes one line, or says what is wrong with it.
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
        "\(configuration.path): \(sender): \(error.description(in: buffer)), leaving the line out: "
          + Excerpt.quoted(buffer[line])
      }
    }
  }
}

/// Who sent a datagram.
struct SocketSender: CustomStringConvertible {
  /// The user's number.
  var user: UInt32
  /// The process; 0 where it is none of this system's.
  var process: Int32
  /// The place in ``SocketSenders``.
  var account: Int

  /// The sender as a person may look for it.
  var description: String { "process \(process) of user \(user)" }
}
