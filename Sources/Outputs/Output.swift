import Detection
public import Events
public import Series

/// A destination for steps of incidents and, if configured, of their events.
///
/// An output never throws and never blocks for long: data that cannot be written now waits in a
/// bounded queue, and errors are counted in ``health``.
public protocol Output: AnyObject {
  /// The name of its configuration section, such as `log` in `[Output log]`.
  var name: String { get }
  /// Its health.
  var health: OutputHealth { get }
  /// How another program delivers what this one stored; nil if there is none.
  var delivery: OutboxDelivery? { get }
  /// The lowest severity of incidents that it takes; nil if it takes none at all.
  var minimumSeverity: Severity? { get }
  /// Notices for the user since the last call, oldest first; empties the list.
  func drainNotices() -> [Notice]

  /// Delivers a step of an incident, after waiting ones.
  func emit(_ transition: IncidentTransition)
  /// Delivers a step of an event, after waiting ones.
  func emit(_ transition: EventTransition)
  /// Sends a heartbeat, unless transitions are waiting: an output that does not work must not look
  /// as if it did. It is never repeated or counted.
  func beat(_ heartbeat: Heartbeat)
  /// Called once, before the first transition of a run that follows an earlier one. That run may
  /// have delivered some of the coming transitions: those that it could not record, and those after
  /// which it was killed before it had stored its cursor. An output that can recognise them skips
  /// them.
  func recognizeEarlierSteps()
  /// Retries delivery of waiting transitions; cheap if there are none. The daemon calls it every
  /// second.
  func flush()
  /// Reopens the file, if there is one, by its name (log rotation).
  func reopen()

  /// How many of the latest transitions would be lost if the process ended now, because they wait
  /// in its memory. The daemon passes those again after a restart, and no others.
  var unsaved: Int { get }
}

extension Output {
  /// No other program delivers.
  public var delivery: OutboxDelivery? { nil }
  /// It takes every incident.
  public var minimumSeverity: Severity? { .info }
  /// It cannot recognise them; the receiver can, by the id of the step.
  public func recognizeEarlierSteps() {}
  /// Nothing ever waits.
  public func flush() {}
  /// There is no file.
  public func reopen() {}
  /// Nothing ever waits.
  public var unsaved: Int { 0 }
}

/// The counters of one output, as `anomalyctl status` shows them.
public struct OutputHealth: Equatable, Sendable {
  /// Transitions fully delivered.
  public var delivered = 0
  /// Failed attempts; their contents wait or were dropped.
  public var failures = 0
  /// Transitions waiting for another attempt.
  public var waiting = 0
  /// Transitions dropped because the queue was full, oldest first.
  public var dropped = 0
  /// The last error, nil if there never was one.
  public var lastError: String?
  /// Its time.
  public var lastErrorAt: Timestamp?
  /// Whether the last attempt failed.
  public var isFailing = false

  /// All zero.
  public init() {}
}

/// Undelivered entries, oldest first, bounded in number and in bytes.
struct OutputQueue {
  /// The maximum number of entries.
  let maximumEntries: Int
  /// The maximum total size of entries in bytes.
  let maximumBytes: Int
  /// Total size of entries in bytes.
  private(set) var bytes = 0

  // A queue in an array: `head` advances and the consumed front is removed from time to time.
  private var entries: [[UInt8]] = []
  private var head = 0

  init(maximumEntries: Int, maximumBytes: Int) {
    self.maximumEntries = maximumEntries
    self.maximumBytes = maximumBytes
  }

  var count: Int { entries.count - head }
  var isEmpty: Bool { count == 0 }
  var first: [UInt8]? { isEmpty ? nil : entries[head] }
  var all: ArraySlice<[UInt8]> { entries[head...] }

  /// Appends an entry, dropping the oldest ones to make room.
  /// - Parameter keepingFirst: the oldest entry is partially delivered and must not be dropped.
  /// - Returns: how many were dropped; `entry` itself is among them if there is no room at all.
  mutating func append(_ entry: [UInt8], keepingFirst: Bool) -> Int {
    let kept = keepingFirst ? 1 : 0
    var dropped = 0
    while count > kept, !hasRoom(for: entry) {
      entries.swapAt(head, head + kept)
      removeFirst()
      dropped += 1
    }
    guard hasRoom(for: entry) else { return dropped + 1 }
    entries.append(entry)
    bytes += entry.count
    return dropped
  }

  /// Removes the oldest entry; there must be one.
  mutating func removeFirst() {
    bytes -= entries[head].count
    entries[head] = []
    head += 1
    if head == entries.count || head > 64 && head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
  }

  private func hasRoom(for entry: [UInt8]) -> Bool {
    count < maximumEntries && bytes + entry.count <= maximumBytes
  }
}

/// An output's counters, and its notices.
///
/// Failures and recoveries have no notice: the daemon reports both, from ``health``.
struct OutputHealthLog {
  /// The counters.
  var health = OutputHealth()

  private let name: String
  private let clock: () -> Timestamp
  private var notices: [Notice] = []

  /// - Parameters:
  ///   - name: the output's name.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  init(name: String, clock: @escaping () -> Timestamp) {
    self.name = name
    self.clock = clock
  }

  /// Counts a failed attempt.
  mutating func fail(_ cause: String) {
    health.failures += 1
    health.lastError = cause
    health.lastErrorAt = clock()
    health.isFailing = true
  }

  /// Records success.
  mutating func recover() { health.isFailing = false }

  /// Counts dropped entries; reports the first.
  mutating func drop(_ count: Int, because reason: @autoclosure () -> String) {
    guard count > 0 else { return }
    if health.dropped == 0 {
      notify(.warning, "\(reason()); dropping the oldest, the count is in the status")
    }
    health.dropped += count
  }

  /// Adds a notice for the user.
  mutating func notify(_ severity: Notice.Severity, _ words: String) {
    notices.append(Notice(severity, "output \(name): \(words)"))
  }

  /// The notices since the last call, oldest first.
  mutating func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }
}
