import CommandLine
import Control
import Detection
import Events
import Monitor
import Series

/// Phrases shared by several reports.
enum Phrases {
  /// How long ago a time was, such as `2 s ago`; `never` for none.
  static func ago(_ moment: Timestamp?, now: Timestamp) -> String {
    guard let moment else { return "never" }
    let seconds = now.seconds - moment.seconds
    // Clocks of inputs may be slightly ahead.
    if seconds < 0 { return seconds > -5 ? "now" : "in \(span(-seconds))" }
    return seconds < 1 ? "now" : "\(span(seconds)) ago"
  }

  /// A duration in words.
  static func span(_ seconds: Double) -> String {
    // Seconds no longer matter after ten minutes.
    let step = seconds < 600 ? 1.0 : 60.0
    return HumanNumber.duration(seconds: (seconds / step).rounded() * step)
  }

  /// A time as date and time of day, such as `2026-11-20 14:00:00 UTC`.
  static func date(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
  }

  /// A time in a narrow table, such as `11-20 14:00Z`; with the year if that is another one.
  static func shortDate(_ moment: Timestamp, now: Timestamp) -> String {
    let text = moment.iso8601
    let isThisYear = text.prefix(4) == now.iso8601.prefix(4)
    return "\(text.prefix(10).dropFirst(isThisYear ? 5 : 0)) \(text.dropFirst(11).prefix(5))Z"
  }

  /// A value, its expected value, and the band, with their unit and enough digits to distinguish
  /// them: such as `14.2 MB`, `12 MB` and `10 MB to 14 MB`.
  static func reading(
    of metric: String, _ value: Double?, _ expected: Double?, _ lower: Double?, _ upper: Double?
  ) -> (value: String, expected: String, band: String) {
    let texts = MetricUnit.texts(
      [value, expected, lower, upper].map { $0 ?? .nan }, of: MetricName(sanitizing: metric))
    let hasBand = lower?.isFinite ?? false && upper?.isFinite ?? false
    return (texts[0], texts[1], hasBand ? "\(texts[2]) to \(texts[3])" : "-")
  }

  /// A score.
  static func score(_ score: Double) -> String { HumanNumber.fixed(score, decimals: 1) }

  /// The number of samples per one this rare, to two digits.
  static func oneIn(_ decades: Double) -> String {
    guard decades < 9 else { return "a billion or more" }
    var scale = 1.0
    var rest = decades
    while rest >= 1 {
      scale *= 10
      rest -= 1
    }
    // 10^rest, 0 <= rest < 1, without libm: the decades of 1.0, 1.1, ... 9.9 are close enough.
    let digits = powersOfTen.last { $0.decades <= rest + 1e-9 }?.digits ?? 10
    return HumanNumber.count(Int(scale * Double(digits) / 10))
  }

  private static let powersOfTen: [(decades: Double, digits: Int)] = [
    (0, 10), (0.0792, 12), (0.1761, 15), (0.301, 20), (0.3979, 25), (0.4771, 30), (0.6021, 40),
    (0.699, 50), (0.7782, 60), (0.8451, 70), (0.9031, 80), (0.9542, 90),
  ]

  /// The frequency of something that happens once in this many seconds, such as `once in about 3
  /// years`.
  static func onceIn(seconds: Double) -> String {
    guard seconds.isFinite, seconds > 0 else { return "at an unknown rate" }
    let units: [(limit: Double, seconds: Double, name: String)] = [
      (120, 1, "second"), (7_200, 60, "minute"), (172_800, 3_600, "hour"),
      (63_072_000, 86_400, "day"), (31_536_000_000, 31_536_000, "year"),
    ]
    guard let unit = units.first(where: { seconds < $0.limit }) else {
      return "less than once in a thousand years"
    }
    let count = (seconds / unit.seconds).rounded()
    // Two digits: it is an estimate.
    let rounded = count < 100 ? count : (count / 10).rounded() * 10
    return "once in about \(HumanNumber.counted(max(1, Int(rounded)), unit.name))"
  }

  /// A metric's score; meaningless while it warms up.
  static func score(_ score: Double, of metric: MetricSummary) -> String {
    [.warming, .shown].contains(metric.state) ? "-" : Phrases.score(score)
  }

  /// The meaning of a kind of evidence.
  static func reason(_ kind: String) -> String {
    EventCause.explanation(ofName: kind) ?? Layout.printable(kind)
  }

  /// The state of a metric with the progress of its warm-up.
  static func state(_ metric: MetricSummary, now: Timestamp) -> String {
    let state = learningState(metric, now: now)
    guard let since = metric.frozenSince else { return state }
    return "\(state), frozen since \(shortDate(since, now: now))"
  }

  private static func learningState(_ metric: MetricSummary, now: Timestamp) -> String {
    guard let warmUp = metric.warmUp else { return metric.state.rawValue }
    let share = Double(warmUp.seen) / Double(max(1, warmUp.needed))
    let progress = "warming \(HumanNumber.percent(share))"
    guard let end = warmUp.expectedEnd else { return progress }
    let left = end.seconds - now.seconds
    return left > 0 ? "\(progress), \(span(left)) left" : progress
  }

  /// A sparkline of samples, and its description.
  static func course(_ samples: [Sample], width: Int?) -> [String] {
    guard let first = samples.first, let last = samples.last else { return ["  no samples yet"] }
    let values = samples.map(\.value)
    let line = Sparkline.draw(values, width: min((width ?? 80) - 4, 100))
    let finite = values.filter(\.isFinite)
    let range =
      finite.isEmpty
      ? "gaps only"
      : "from \(HumanNumber.value(finite.min())) (▁) to \(HumanNumber.value(finite.max())) (█)"
    let seconds = last.timestamp.seconds - first.timestamp.seconds
    let gaps = values.count - finite.count
    return (finite.isEmpty ? [] : ["  \(line)"]) + [
      "  \(HumanNumber.counted(values.count, "sample")) over \(Phrases.span(max(0, seconds))) "
        + "to \(Phrases.date(last.timestamp)), \(range)"
        + (gaps > 0 ? ", \(HumanNumber.counted(gaps, "gap"))" : "")
    ]
  }

  /// The colour of a state.
  static func tint(_ state: MetricState) -> Style.Tint? {
    switch state {
    case .warming, .shown: .faint
    case .normal: nil
    case .anomalous: .bad
    }
  }
}
