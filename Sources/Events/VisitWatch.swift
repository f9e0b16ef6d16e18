import Glibc
import Series

/// Waits for the next time at which events of a metric usually come, and reports if none does.
///
/// The detector adapts to recurring events, so the absence of an event proves nothing: the values
/// must have stayed in place as well. Nothing is reported if samples are missing, or if another
/// event was open.
struct VisitWatch: Equatable, Sendable {
  /// Number of consecutive scheduled days on which they must have come.
  static let leastVisits = 5

  /// When they usually come.
  let schedule: EventSchedule
  /// How many earlier ones are remembered.
  let visits: Int
  /// On which side of the expected value they lie.
  let isHigh: Bool
  /// The decimal logarithm of the smallest size at its opening among them.
  let size: Float
  /// When the next one is due, the tolerance included.
  let due: Range<Timestamp>
  private var low = Float.infinity
  private var high = -Float.infinity
  private var isSpoiled = false

  /// A watch for the next occurrence after the newest one.
  /// - Parameter minutes: when they began, in minutes since 1970, oldest first.
  /// - Returns: nil if they have not come on enough consecutive scheduled days.
  init?(_ schedule: EventSchedule, minutes: [Int], isHigh: Bool, size: Float) {
    guard let newest = minutes.last else { return nil }
    // Two on one day count as one visit.
    let days = Set(minutes.map(schedule.occurrence(of:))).sorted()
    let latest = days.suffix(VisitWatch.leastVisits)
    let isUnbroken = zip(latest, latest.dropFirst()).allSatisfy { earlier, later in
      let minute = minutes.first { schedule.occurrence(of: $0) == earlier } ?? newest
      let due = schedule.occurrence(after: minute)
      return minutes.contains { due.contains($0) && schedule.occurrence(of: $0) == later }
    }
    guard latest.count == VisitWatch.leastVisits, isUnbroken else { return nil }
    self.schedule = schedule
    visits = days.count
    self.isHigh = isHigh
    self.size = size
    let next = schedule.occurrence(after: newest)
    due = Timestamp(minutes: next.lowerBound)..<Timestamp(minutes: next.upperBound)
  }

  /// Samples are missing between two times.
  mutating func noteGap(_ gap: ClosedRange<Timestamp>) {
    if gap.upperBound > due.lowerBound, gap.lowerBound < due.upperBound { isSpoiled = true }
  }

  /// Processes a sample.
  /// - Returns: true if nothing came, false if something did or cannot be ruled out; nil: not yet
  ///   known.
  mutating func take(_ sample: Sample) -> Bool? {
    guard sample.timestamp >= due.lowerBound else { return nil }
    guard sample.timestamp < due.upperBound else {
      // A movement of less than half the smallest visit is no visit.
      return !isSpoiled && low <= high && high - low < pow(10, size) / 2
    }
    low = min(low, Float(sample.value))
    high = max(high, Float(sample.value))
    return nil
  }
}

extension Timestamp {
  fileprivate init(minutes: Int) {
    let most = Int64.max / 60_000_000_000
    self.init(nanoseconds: max(-most, min(most, Int64(minutes))) * 60_000_000_000)
  }
}

extension Recurrence {
  /// The absence of the expected occurrence.
  init(missed watch: VisitWatch) {
    standing = .missed
    earlier = watch.visits
    schedule = watch.schedule
    largest = watch.size
    longestMinutes = 0
  }
}

extension VisitWatch {
  func encode(to writer: inout ByteWriter) {
    schedule.encode(to: &writer)
    writer.write(count: visits)
    writer.write(isHigh)
    writer.write(size)
    writer.write(due.lowerBound.nanoseconds)
    writer.write(due.upperBound.nanoseconds)
    writer.write(low)
    writer.write(high)
    writer.write(isSpoiled)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    schedule = try EventSchedule(from: &reader)
    visits = try reader.readCount()
    isHigh = try reader.readBool()
    size = try reader.readFloat()
    let start = reader.offset
    let (from, until) = (try reader.readMoment(), try reader.readMoment())
    guard from <= until else { throw .outOfRange(offset: start, value: until.nanoseconds) }
    due = from..<until
    low = try reader.readFloat()
    high = try reader.readFloat()
    isSpoiled = try reader.readBool()
  }
}
