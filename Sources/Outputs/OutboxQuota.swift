import Outbox
import Series
import System

/// Keeps an outbox within its limits, dropping the oldest message first.
///
/// Another program empties the outbox at the same time, so the known size is an upper bound; the
/// directory is read only when that bound is reached.
struct OutboxQuota {
  /// What was dropped, and by which limit.
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
  private var agedAt: Timestamp?
  /// When the clock was last read, on both clocks.
  private var read: ObservedMoment?
  /// Steps of the clock forwards, and what it showed before: messages have not become older by them.
  private var steps: [(before: Timestamp, by: Duration)] = []

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
  mutating func giveUpOld(in folder: OutboxFolder, now: Timestamp) throws(FileError) -> GivenUp {
    var result = GivenUp(reason: "the age of \(maximumAge) (MaximumAge=)")
    noteStep(now)
    if let agedAt, now.elapsed(since: agedAt) < .seconds(60), now >= agedAt { return result }
    agedAt = now
    for entry in try folder.entries(.new) {
      guard let facts = folder.facts(entry), age(facts.written, at: now) > maximumAge else {
        continue
      }
      try folder.remove(entry)
      result.count += 1
    }
    return result
  }

  /// How much the clock may drift between two readings.
  private static let drift = Duration.seconds(5)
  private static let maximumSteps = 16

  private mutating func noteStep(_ now: Timestamp) {
    let present = ObservedMoment(now)
    defer { read = present }
    guard let read else { return }
    let step =
      now.elapsed(since: read.timestamp) - present.monotonic.elapsed(since: read.monotonic)
    guard step > OutboxQuota.drift else { return }
    steps.append((read.timestamp, step))
    if steps.count > OutboxQuota.maximumSteps { steps.removeFirst() }
  }

  private func age(_ written: Timestamp, at now: Timestamp) -> Duration {
    let stepped = steps.filter { written <= $0.before.advanced(by: OutboxQuota.drift) }
    return now.elapsed(since: written) - stepped.reduce(.zero) { $0 + $1.by }
  }

  /// Reads the directory: its bytes, and its messages in order.
  private mutating func measure(_ folder: OutboxFolder) throws(FileError) -> Int {
    let entries = try folder.entries(.new)
    oldest = entries[...]
    return entries.reduce(0) { $0 + (folder.facts($1)?.bytes ?? 0) }
  }
}
