import Series

/// The impact of the values of one of the host's own metrics: which are harmless, which hurt, which
/// are dangerous. The levels are limits that need no learning and apply from the first sample.
///
/// The only table of them is ``all``; docs/host-metrics.md shows it. `Range=` replaces the levels of a
/// metric, `HostLimits=no` removes them.
public struct HostLimit: Sendable {
  /// On which side of a bound a value is beyond it.
  public enum Side: Sendable {
    /// Greater than the bound.
    case above
    /// Less than the bound.
    case below
  }

  /// How values are shown.
  public enum Unit: Sendable {
    /// A share of 0...1, as a percentage.
    case share
    /// The number with this suffix, such as ` °C`.
    case suffix(String)
  }

  /// A bound and the consequence of exceeding it.
  public struct Level: Equatable, Sendable {
    /// The largest (smallest) value that is within the limit, in the metric's unit.
    public let bound: Double
    /// How long the value must be beyond it, by time stamps.
    public let hold: Duration
    /// The same while the metric's detector is still learning, so that this limit is the only
    /// safeguard.
    public let holdWhileLearning: Duration
    /// The severity of the event.
    public let severity: Severity

    init(
      _ severity: Severity, _ bound: Double, for hold: Duration,
      whileLearning learning: Duration? = nil
    ) {
      self.severity = severity
      self.bound = bound
      self.hold = hold
      holdWhileLearning = learning ?? hold
    }

    /// The same level with another bound.
    func moved(to bound: Double) -> Level {
      Level(severity, bound, for: hold, whileLearning: holdWhileLearning)
    }
  }

  /// Identifies the limit in stored events; never reused.
  public let id: UInt8
  /// The metrics that it applies to, as in `[Metric PATTERN]`.
  public let pattern: String
  /// The side of the bounds that is beyond them.
  public let side: Side
  /// Values without impact, however rare they are; nil: none.
  public private(set) var harmless: ClosedRange<Double>?
  /// Whether a detector judges these metrics by default, in addition to the levels.
  public let isJudged: Bool
  /// The levels, least severe first; 0...3.
  public private(set) var levels: [Level]
  /// An open event lasts while the value is beyond this one; NaN without levels.
  public private(set) var clear: Double
  /// How long the value must be back before the event closes.
  public let closeAfter: Duration
  /// Whether the metric must have been within the limit first: the state may be intended, such as a
  /// filesystem that is mounted read-only.
  public let needsChange: Bool
  /// How values are shown.
  public let unit: Unit
  /// A description of the problem.
  public let meaning: String
  /// The source of the numbers.
  public let source: String

  init(
    _ id: UInt8, _ pattern: String, _ side: Side, harmless: ClosedRange<Double>? = nil,
    isJudged: Bool = true, _ levels: [Level], clear: Double,
    closeAfter: Duration = .seconds(60), needsChange: Bool = false, unit: Unit = .share,
    _ meaning: String, source: String
  ) {
    self.id = id
    self.pattern = pattern
    self.side = side
    self.harmless = harmless
    self.isJudged = isJudged
    self.levels = levels
    self.clear = clear
    self.closeAfter = closeAfter
    self.needsChange = needsChange
    self.unit = unit
    self.meaning = meaning
    self.source = source
  }

  /// A row without levels, for a metric judged by a detector.
  init(
    _ id: UInt8, _ pattern: String, harmless: ClosedRange<Double>? = nil, unit: Unit = .share,
    _ meaning: String, source: String
  ) {
    self.init(
      id, pattern, .above, harmless: harmless, [], clear: .nan, unit: unit, meaning, source: source)
  }

  /// The limit with that ``id``; nil if this version knows none.
  public init?(id: UInt8) {
    guard let known = HostLimit.all.first(where: { $0.id == id }) else { return nil }
    self = known
  }

  /// The same limit with bounds from the measured device: the first level begins where the device
  /// is near its limit, the last one where it is beyond it.
  func fitted(to hardware: HardwareLimits) -> HostLimit {
    guard side == .above, let first = levels.first, let last = levels.last else { return self }
    var result = self
    result.clear = hardware.high - abs(first.bound - clear)
    if let harmless, harmless.lowerBound == -.infinity {
      result.harmless = -.infinity...hardware.high - abs(first.bound - harmless.upperBound)
    }
    result.levels = [first.moved(to: hardware.high)]
    if levels.count > 1 { result.levels.append(last.moved(to: hardware.critical)) }
    return result
  }

  /// Whether a value is beyond a bound.
  func isBeyond(_ value: Double, _ bound: Double) -> Bool {
    side == .above ? value > bound : value < bound
  }

  /// A value of the metric in human-readable form.
  public func text(_ value: Double) -> String {
    switch unit {
    case .share:
      // Nearly full is not full.
      let decimals = value > 0.99 && value < 1 ? 1 : 0
      return value.isFinite && abs(value) < 1e6
        ? HumanNumber.fixed(value * 100, decimals: decimals, trimmed: true) + "%"
        : HumanNumber.value(value)
    case .suffix(let suffix): return HumanNumber.value(value) + suffix
    }
  }
}
