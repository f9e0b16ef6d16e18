extension EventLog {
  /// Where an entry is stored.
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

  /// An entry as it was stored.
  public struct Entry: Equatable, Sendable {
    /// What it is; the log does not interpret the payload.
    public var kind: UInt8
    /// Its number, increasing from entry to entry.
    public var sequence: UInt64
    /// Its size in bytes.
    public var payload: [UInt8]
    /// Where it is.
    public var place: Place
    /// Where the next one is or will be.
    public var next: Place
  }

  /// The limits of the queue while nothing can be written.
  public struct QueueLimits: Equatable, Sendable {
    /// Entries.
    public var entries = 10_000
    /// Bytes of all together.
    public var bytes = 8 << 20

    /// The default limits.
    public init() {}
  }
}
