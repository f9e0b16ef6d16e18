/// The entries of an ``EventLog`` that are not on disk yet, oldest first, bounded in number and
/// bytes.
struct EventLogQueue {
  /// A waiting entry.
  struct Waiting {
    var kind: UInt8
    var sequence: UInt64
    /// As it will be stored, header and payload.
    var bytes: [UInt8]

    var payload: [UInt8] { Array(bytes.dropFirst(EventLogFormat.entryBytes)) }
  }

  let limits: EventLog.QueueLimits
  private var entries: [Waiting] = []
  private var bytes = 0

  init(limits: EventLog.QueueLimits) {
    self.limits = limits
  }

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var first: Waiting? { entries.first }

  subscript(index: Int) -> Waiting { entries[index] }

  /// Appends an entry; makes room by dropping the oldest ones.
  /// - Returns: the numbers of the dropped ones.
  mutating func append(_ entry: Waiting) -> [UInt64] {
    var givenUp: [UInt64] = []
    while !isEmpty, count >= limits.entries || bytes + entry.bytes.count > limits.bytes {
      givenUp.append(entries[0].sequence)
      removeFirst(1)
    }
    entries.append(entry)
    bytes += entry.bytes.count
    return givenUp
  }

  /// Removes the oldest entries; there must be at least that many.
  mutating func removeFirst(_ count: Int) {
    bytes -= entries[..<count].reduce(0) { $0 + $1.bytes.count }
    entries.removeFirst(count)
  }

  /// The first entry with this number or a higher one.
  func entry(from sequence: UInt64) -> Waiting? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low < count ? entries[low] : nil
  }
}

extension EventLog {
  /// The position of an entry.
  public struct Place: Equatable, Comparable, Sendable {
    /// The segment, by the number of its first entry.
    public var segment: UInt64
    /// Bytes from the beginning of the segment.
    public var offset: Int

    /// Whether `lhs` comes first.
    public static func < (lhs: Place, rhs: Place) -> Bool {
      (lhs.segment, lhs.offset) < (rhs.segment, rhs.offset)
    }
  }

  /// A stored entry.
  public struct Entry: Equatable, Sendable {
    /// Its kind; the log does not interpret the payload.
    public var kind: UInt8
    /// Its number, increasing from entry to entry.
    public var sequence: UInt64
    /// Its size in bytes.
    public var payload: [UInt8]
    /// Where it is.
    public var place: Place
    /// The position of the next one.
    public var next: Place
  }

  /// The limits of the queue while nothing can be written.
  public struct QueueLimits: Equatable, Sendable {
    /// Entries.
    public var entries = 10_000
    /// Total bytes.
    public var bytes = 8 << 20

    /// The default limits.
    public init() {}
  }
}
