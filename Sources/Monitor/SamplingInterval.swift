package import Series

/// The usual time between two samples of one metric: the median of the last seven.
///
/// A median, so that one outage or one duplicate does not matter; seven, so that a new interval is
/// adopted after four samples. 80 bytes, no allocation.
package struct SamplingInterval {
  private var recent = InlineArray<7, Int64>(repeating: 0)
  private var seen = 0
  /// The median in nanoseconds; 0 until the second sample.
  package private(set) var nanoseconds: Int64 = 0

  /// Intervals longer than this many usual ones are gaps.
  private static let gapIntervals: Int64 = 3
  /// Number of intervals after which one can be a gap.
  private static let neededSteps = 3

  package init() {}

  /// Learns from the time between two samples.
  /// - Returns: whether it is a gap. Steps of zero or backwards are ignored.
  package mutating func observe(step: Int64) -> Bool {
    guard step > 0 else { return false }
    let isGap =
      seen >= SamplingInterval.neededSteps
      && step / SamplingInterval.gapIntervals > nanoseconds
    recent[seen % 7] = step
    // Wraps only between full rings, so that the index of the next interval stays correct.
    seen = seen == 13 ? 7 : seen + 1
    if step != nanoseconds { nanoseconds = median() }
    return isGap
  }

  private func median() -> Int64 {
    var sorted = recent
    let count = min(seen, 7)
    for index in 1..<max(count, 1) {
      var place = index
      while place > 0, sorted[place] < sorted[place - 1] {
        sorted.swapAt(place, place - 1)
        place -= 1
      }
    }
    return sorted[(count - 1) / 2]
  }

  /// Appends its state.
  package func encode(to writer: inout ByteWriter) {
    writer.write(UInt8(seen))
    for index in 0..<7 { writer.write(recent[index]) }
  }

  /// Restores stored bytes.
  package init(from reader: inout ByteReader) throws(ByteReaderError) {
    let offset = reader.offset
    let stored = try reader.readUInt8()
    guard stored <= 13 else { throw .outOfRange(offset: offset, value: Int64(stored)) }
    seen = Int(stored)
    for index in 0..<7 { recent[index] = try reader.readInt64() }
    if seen > 0 { nanoseconds = median() }
  }
}
