import Series

/// A built-in limit of one of the host's own metrics. It needs no learning and judges from the first
/// sample.
///
/// The only table of them is ``all``; docs/host-metrics.md shows it. `Range=` replaces the limit of a
/// metric, `HostLimits=no` removes it.
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

  /// A bound and what it means to be beyond it.
  public struct Level: Equatable, Sendable {
    /// The greatest (least) value that is within the limit, in the metric's unit.
    public let bound: Double
    /// How long the value must be beyond it, by time stamps.
    public let hold: Duration
    /// The same while the metric's detector is learning and this limit is all there is.
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
  }

  /// Identifies the limit in stored events; never reused.
  public let id: UInt8
  /// The metrics that it applies to, as in `[Metric PATTERN]`.
  public let pattern: String
  /// The side of the bounds that is beyond them.
  public let side: Side
  /// The levels, least severe first; 1...3.
  public let levels: [Level]
  /// Once an event is open, it lasts until the value is not beyond this one.
  public let clear: Double
  /// How long the value must be back before the event closes.
  public let closeAfter: Duration
  /// Whether the metric must have been within the limit first: the state may be intended, such as a
  /// filesystem that is mounted read-only.
  public let needsChange: Bool
  /// How values are shown.
  public let unit: Unit
  /// What is wrong, in words.
  public let meaning: String
  /// Where the numbers come from.
  public let source: String

  init(
    _ id: UInt8, _ pattern: String, _ side: Side, _ levels: [Level], clear: Double,
    closeAfter: Duration = .seconds(60), needsChange: Bool = false, unit: Unit = .share,
    _ meaning: String, source: String
  ) {
    self.id = id
    self.pattern = pattern
    self.side = side
    self.levels = levels
    self.clear = clear
    self.closeAfter = closeAfter
    self.needsChange = needsChange
    self.unit = unit
    self.meaning = meaning
    self.source = source
  }

  /// The limit with that ``id``; nil if this version knows none.
  public init?(id: UInt8) {
    guard let known = HostLimit.all.first(where: { $0.id == id }) else { return nil }
    self = known
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

/// Follows how long a metric has been beyond each level of its limit.
struct HostLimitWatch: Equatable, Sendable {
  /// A hole in the samples for so long begins anew: what happened in between is not known.
  private static let longestGap = Duration.seconds(900)

  /// What a sample is to the limit.
  struct Ruling: Equatable {
    /// The most severe level that the value has been beyond for long enough.
    var level: HostLimit.Level?
    /// Whether the value is beyond the point where an event may end.
    var isBeyondClear = false
  }

  let limit: HostLimit
  private var since: [Timestamp?]
  private var newest: Timestamp?
  private var isArmed: Bool

  init(_ limit: HostLimit) {
    self.limit = limit
    since = limit.levels.map { _ in nil }
    isArmed = !limit.needsChange
  }

  static func == (lhs: HostLimitWatch, rhs: HostLimitWatch) -> Bool {
    lhs.limit.id == rhs.limit.id && lhs.since == rhs.since && lhs.isArmed == rhs.isArmed
  }

  /// Takes a finite sample. Allocates nothing.
  mutating func take(_ sample: Sample, isLearning: Bool) -> Ruling {
    if let newest {
      let step = sample.timestamp.elapsed(since: newest)
      if step < .zero || step > HostLimitWatch.longestGap {
        for index in since.indices { since[index] = nil }
      }
    }
    newest = sample.timestamp
    var ruling = Ruling()
    ruling.isBeyondClear = limit.isBeyond(sample.value, limit.clear)
    if !ruling.isBeyondClear { isArmed = true }
    for (index, level) in limit.levels.enumerated() {
      if limit.isBeyond(sample.value, level.bound) {
        let began = since[index] ?? sample.timestamp
        since[index] = began
        let hold = isLearning ? level.holdWhileLearning : level.hold
        if isArmed, sample.timestamp.elapsed(since: began) >= hold { ruling.level = level }
      } else if !ruling.isBeyondClear {
        // A value that only dips below the bound does not end the wait.
        since[index] = nil
      }
    }
    return ruling
  }
}
