import Outbox
import Series
import System

/// Keeps an outbox within its limits, dropping the oldest message first.
///
/// Another program empties the outbox at the same time, so the known size is an upper bound; the
/// directory is read only when that bound is reached.
struct OutboxQuota {
  /// The dropped messages, by the limit that they exceeded.
  struct GivenUp {
    var count = 0
    var reason = ""
  }

  let maximumBytes: Int
  let maximumAge: Duration
  /// An upper bound of waiting bytes; nil before the directory was read.
  private var bytes: Int?
  /// The oldest messages when the directory was last read, oldest first.
  private var oldest: ArraySlice<OutboxEntry> = []
  private var agedAt: MonotonicTime?

  init(maximumBytes: Int, maximumAge: Duration) {
    self.maximumBytes = maximumBytes
    self.maximumAge = maximumAge
  }

  /// Drops the oldest messages until a new one of `added` bytes, already written, is within the
  /// limit.
  mutating func makeRoom(for added: Int, in folder: OutboxFolder) throws(FileError) -> GivenUp {
    var result = GivenUp(reason: "the limit of \(maximumBytes) bytes (MaximumBytes=)")
    if let known = bytes { bytes = known + added } else { bytes = try measure(folder) }
    while let known = bytes, known > maximumBytes {
      guard let entry = oldest.popFirst() else {
        let measured = try measure(folder)
        bytes = measured
        // A single message may exceed the limit; it stays until the next one.
        if measured <= maximumBytes || oldest.count <= 1 { break }
        continue
      }
      guard let facts = folder.facts(entry) else { continue }
      try folder.remove(entry)
      bytes = known - facts.bytes
      result.count += 1
    }
    return result
  }

  /// Drops messages that have waited too long; checks at most once a minute.
  /// - Parameters:
  ///   - now: the time of day.
  ///   - time: the same on the clock that never steps.
  mutating func giveUpOld(
    in folder: OutboxFolder, now: Timestamp, _ time: MonotonicTime
  ) throws(FileError) -> GivenUp {
    var result = GivenUp(reason: "the age of \(maximumAge) (MaximumAge=)")
    if let agedAt, time.elapsed(since: agedAt) < .seconds(60), time >= agedAt { return result }
    agedAt = time
    for entry in try folder.entries(.new) {
      // Only messages that look old are opened: there may be thousands.
      guard let facts = folder.facts(entry), now.elapsed(since: facts.written) > maximumAge,
        let age = folder.age(of: entry, at: now, time), age > maximumAge
      else { continue }
      try folder.remove(entry)
      result.count += 1
    }
    return result
  }

  /// Reads the directory: its bytes, and its messages in order.
  private mutating func measure(_ folder: OutboxFolder) throws(FileError) -> Int {
    let entries = try folder.entries(.new)
    oldest = entries[...]
    return entries.reduce(0) { $0 + (folder.facts($1)?.bytes ?? 0) }
  }
}
