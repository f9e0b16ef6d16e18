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

  private func lastMatch<Value>(_ name: MetricName, _ key: KeyPath<Metric, Value?>) -> Value? {
    for section in metrics.reversed() {
      if let value = section[keyPath: key], section.pattern.matches(name.text) { return value }
    }
    return nil
  }
}
