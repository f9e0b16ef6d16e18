/// `Severity=` of a metric: the severity of its events, by the values that they reach.
public struct SeverityRule: Equatable, Sendable {
  /// The severity of some values.
  public struct Step: Equatable, Sendable {
    /// Their severity.
    public var severity: Severity
    /// The values, in the metric's unit; both ends included.
    public var values: ClosedRange<Double>

    /// A step.
    public init(_ severity: Severity, _ values: ClosedRange<Double>) {
      self.severity = severity
      self.values = values
    }
  }

  /// Values covered by several steps have the highest of their severities.
  public var steps: [Step]
  /// The severity of values in no step; nil: by their rarity, at most ``Severity/warning`` if there
  /// are steps.
  public var otherwise: Severity?

  /// A rule with these properties.
  public init(_ steps: [Step] = [], otherwise: Severity? = nil) {
    self.steps = steps
    self.otherwise = otherwise
  }

  /// Every event has this severity.
  public static let info = SeverityRule(otherwise: .info)
  /// Every event has this severity.
  public static let warning = SeverityRule(otherwise: .warning)
  /// Every event has this severity.
  public static let error = SeverityRule(otherwise: .error)
  /// Every event has this severity.
  public static let critical = SeverityRule(otherwise: .critical)

  /// The configured severity of a value; nil if there is none.
  func severity(of value: Double) -> Severity? {
    steps.filter { $0.values.contains(value) }.map(\.severity).max() ?? otherwise
  }
}
