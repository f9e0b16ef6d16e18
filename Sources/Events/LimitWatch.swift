import Series

/// What fixed limits say about the samples of a metric: those of ``EventRules``, and the built-in one.
struct LimitWatch: Sendable {
  /// What a sample is to the limits.
  struct Crossing {
    /// The end of `Range=` that the value lies beyond.
    var configured: Double?
    /// What it is to the built-in limit.
    var host = HostLimitWatch.Ruling()

    /// Whether a limit would open an event.
    var isBeyond: Bool { configured != nil || host.level != nil }
  }

  /// The rules in force.
  let rules: EventRules
  private var host: HostLimitWatch?

  /// Watches the limits that the rules name.
  /// - Parameter previous: what has watched the metric until now.
  init(_ rules: EventRules, after previous: LimitWatch?) {
    self.rules = rules
    host =
      previous?.rules.hostLimit == rules.hostLimit
      ? previous?.host : rules.hostLimit.flatMap { HostLimit(id: $0) }.map { HostLimitWatch($0) }
  }

  /// Takes a finite sample. Allocates nothing.
  mutating func take(_ sample: Sample, isLearning: Bool) -> Crossing {
    var crossing = Crossing(configured: rules.limit(crossedBy: sample.value))
    if let ruling = host?.take(sample, isLearning: isLearning) { crossing.host = ruling }
    return crossing
  }

  /// Judges by the limits of the device that is measured from now on.
  mutating func adopt(_ hardware: HardwareLimits) { host?.adopt(hardware) }

  /// The limit that a sample is beyond; of both kinds the configured one.
  func cause(of crossing: Crossing) -> (cause: EventCause, bound: Double)? {
    if let bound = crossing.configured { return (.limit(bound: bound), bound) }
    guard let level = crossing.host.level, let limit = host?.limit else { return nil }
    return (.hostLimit(limit.id, bound: level.bound), level.bound)
  }

  /// How long the metric must be normal before an event of that cause closes.
  func holdOff(of cause: EventCause) -> Duration {
    guard case .hostLimit = cause, let limit = host?.limit else { return rules.holdOff }
    return max(rules.holdOff, limit.closeAfter)
  }
}
