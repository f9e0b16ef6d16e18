import Glibc
import Series

/// Round numbers and moments along an axis.
enum AxisTicks {
  /// Multiples of 1, 2 or 5 times a power of ten within a range, about `count` of them.
  static func numbers(_ range: ClosedRange<Double>, count: Int) -> [Double] {
    let span = range.upperBound - range.lowerBound
    guard span > 0, span.isFinite else { return [range.lowerBound] }
    let rough = span / Double(max(1, count))
    let power = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10) * power
    let first = (range.lowerBound / step).rounded(.up)
    var ticks: [Double] = []
    for index in 0...(2 * count + 2) {
      let tick = (first + Double(index)) * step
      guard tick <= range.upperBound + step * 1e-9 else { break }
      ticks.append(abs(tick) < step * 1e-9 ? 0 : tick)
    }
    return ticks
  }

  /// Seconds from one tick to the next that people read easily.
  private static let steps: [Double] = [
    0.001, 0.01, 0.1, 1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 15_552_000, 31_536_000, 63_072_000,
    157_680_000,
  ]

  /// Moments in a span, about `count` of them, and how they are written: seconds since the first
  /// moment, and a text.
  static func times(
    from first: Timestamp, to last: Timestamp, count: Int
  ) -> [(position: Double, text: String)] {
    let span = Double(last.nanoseconds - first.nanoseconds) * 1e-9
    guard span > 0 else { return [(0, text(first, step: 60))] }
    let step = steps.first { span / $0 <= Double(count) } ?? steps[steps.count - 1]
    let start = (first.seconds / step).rounded(.up)
    var ticks: [(Double, String)] = []
    for index in 0...count {
      let seconds = (start + Double(index)) * step
      guard seconds <= last.seconds else { break }
      ticks.append((seconds - first.seconds, text(Timestamp(seconds: seconds), step: step)))
    }
    return ticks
  }

  private static func text(_ moment: Timestamp, step: Double) -> String {
    let text = moment.iso8601
    if step >= 86_400 { return String(text.prefix(10)) }
    let clock = text.dropFirst(11).prefix(step >= 60 ? 5 : step >= 1 ? 8 : 12)
    let isMidnight = clock.allSatisfy { "0:.".contains($0) }
    return isMidnight ? String(text.prefix(10).dropFirst(5)) : String(clock)
  }
}
