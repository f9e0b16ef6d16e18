import Detection
public import Events
public import Series

extension Settings {
  /// A section `[Metric PATTERN]`: what is different for the metrics whose names match.
  public struct Metric: Equatable, Sendable {
    /// The pattern in the section's header.
    public var pattern: Glob
    /// `Ignore=`: whether these metrics are not watched at all; nil where not said.
    public var ignore: Bool?
    /// `AlarmBudget=`: normal samples per alarm, 10...1e9; nil where not said.
    public var alarmBudget: Double?
    /// `Direction=`: on which side of what was expected events count; nil where not said.
    public var direction: Side?
    /// `MinimumDeviation=`: how far off an event must be, in the metric's unit; nil where not said.
    public var minimumDeviation: Double?
    /// `MinimumRelativeDeviation=`: how far off an event must be, in percent of what was expected;
    /// nil where not said.
    public var minimumRelativeDeviation: Double?
    /// `Range=`: the values within limits; nil where not said.
    public var range: ClosedRange<Double>?
    /// `Severity=`: how grave every event is; nil where not said.
    public var severity: Severity?
    /// `HoldOff=`: how long a metric must be normal before an event is closed; nil where not said.
    public var holdOff: Duration?
    /// `Merge=`: how soon after a close an opening continues the event; nil where not said.
    public var merge: Duration?

    /// The words of `Direction=`.
    public enum Side: String, CaseIterable, Sendable {
      /// Every event counts.
      case both
      /// Only those above what was expected.
      case high
      /// Only those below.
      case low
    }

    /// Nothing said about the metrics that match `pattern`.
    public init(pattern: Glob) {
      self.pattern = pattern
    }
  }

  /// Whether a metric is left out. Of several sections that match and say, the last one counts.
  public func ignores(_ metric: MetricName) -> Bool {
    lastMatch(metric, \.ignore) ?? false
  }

  /// The budget of a metric: normal samples per alarm, or a share of the host's. Of several
  /// sections that match and say, the last one counts; where none does, `[Detector]` does.
  public func alarmBudget(of metric: MetricName) -> AlarmBudget {
    lastMatch(metric, \.alarmBudget).map { .samples($0) } ?? detector.alarmBudget
  }

  /// What a person has decided about the events of a metric. Of several sections that match and
  /// say, the last one counts, key by key.
  public func eventRules(of metric: MetricName) -> EventRules {
    var rules = EventRules()
    rules.side =
      switch lastMatch(metric, \.direction) {
      case nil, .both: .both
      case .high: .high
      case .low: .low
      }
    rules.minimumDeviation = lastMatch(metric, \.minimumDeviation) ?? 0
    rules.minimumRelativeDeviation = (lastMatch(metric, \.minimumRelativeDeviation) ?? 0) / 100
    if let range = lastMatch(metric, \.range) {
      rules.lowerLimit = range.lowerBound
      rules.upperLimit = range.upperBound
    }
    rules.severity = lastMatch(metric, \.severity)
    rules.holdOff = lastMatch(metric, \.holdOff) ?? detector.holdOff
    rules.merge = lastMatch(metric, \.merge) ?? detector.merge
    return rules
  }

  private func lastMatch<Value>(_ name: MetricName, _ key: KeyPath<Metric, Value?>) -> Value? {
    for section in metrics.reversed() + builtInRules.reversed() {
      if let value = section[keyPath: key], section.pattern.matches(name.text) { return value }
    }
    return nil
  }
}
