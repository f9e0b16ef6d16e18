import Glibc
public import Series

/// Panels over one horizontal axis: lines with bands, marked spans, thresholds.
public struct Chart: Sendable {
  /// The horizontal axis.
  public enum Axis: Sendable {
    /// Moments, ascending.
    case times([Timestamp])
    /// Numbers, ascending.
    case numbers([Double], name: String)
  }

  /// The role of a line, which determines its colour.
  public enum Role: String, Sendable {
    /// What was measured.
    case value
    /// What was expected.
    case expected
    /// A score.
    case score
    /// Another line.
    case other
  }

  /// A line.
  public struct Line: Sendable {
    /// What the legend says.
    public var name: String
    /// What it is.
    public var role: Role
    /// A value for each position on the axis; NaN for a gap.
    public var values: [Double]

    /// A line.
    public init(name: String, role: Role, values: [Double]) {
      self.name = name
      self.role = role
      self.values = values
    }
  }

  /// One of the panels, from above.
  public struct Panel: Sendable {
    /// What stands over it.
    public var title: String
    /// The lines, the first on top.
    public var lines: [Line]
    /// Lower and upper edge for each position on the axis; NaN for a gap.
    public var band: (lower: [Double], upper: [Double])?
    /// A horizontal line and its name.
    public var threshold: (value: Double, name: String)?

    /// A panel.
    public init(title: String, lines: [Line]) {
      self.title = title
      self.lines = lines
    }
  }

  /// The meaning of a marked span, which determines its colour.
  public enum Mark: String, CaseIterable, Sendable {
    /// A labelled anomaly.
    case label
    /// A detection that matches an anomaly, or any if nothing is labelled.
    case event
    /// A detection that matches none.
    case falseAlarm = "false-alarm"
    /// Training data.
    case training

    /// What the legend says.
    public var name: String {
      switch self {
      case .label: "labelled anomaly"
      case .event: "detection"
      case .falseAlarm: "false alarm"
      case .training: "trained on"
      }
    }
  }

  /// A marked span of the axis.
  public struct Span: Sendable {
    /// Places of the axis.
    public var places: ClosedRange<Int>
    /// What it is.
    public var mark: Mark
    /// The panels in which it is marked; nil for all of them.
    public var panels: Set<Int>?

    /// A marked span.
    public init(_ places: ClosedRange<Int>, _ mark: Mark, in panels: Set<Int>? = nil) {
      self.places = places
      self.mark = mark
      self.panels = panels
    }
  }

  /// What stands over all.
  public var title: String
  /// The horizontal axis.
  public var axis: Axis
  /// The panels, from above.
  public var panels: [Panel]
  /// The marked spans.
  public var spans: [Span] = []

  /// A chart without marks.
  public init(title: String, axis: Axis, panels: [Panel]) {
    self.title = title
    self.axis = axis
    self.panels = panels
  }

  /// Number of positions on the axis.
  public var count: Int {
    switch axis {
    case .times(let times): times.count
    case .numbers(let numbers, _): numbers.count
    }
  }

  /// The coordinate of a position, in seconds or as a number.
  func position(_ place: Int) -> Double {
    switch axis {
    case .times(let times): Double(times[place].nanoseconds - times[0].nanoseconds) * 1e-9
    case .numbers(let numbers, _): numbers[place]
    }
  }
}

/// Round numbers and times along an axis.
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

  /// Tick distances in seconds that are easy to read.
  private static let steps: [Double] = [
    0.001, 0.01, 0.1, 1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 15_552_000, 31_536_000, 63_072_000,
    157_680_000,
  ]

  /// Times in a span, about `count` of them, with their labels: seconds since the first time, and a
  /// text.
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
