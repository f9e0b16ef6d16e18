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
  /// What values of the metric mean, whether its levels count or not.
  private var impact: HostLimit?

  /// Watches the limits that the rules name.
  /// - Parameter previous: what has watched the metric until now.
  init(_ rules: EventRules, after previous: LimitWatch?) {
    self.rules = rules
    host =
      previous?.rules.hostLimit == rules.hostLimit
      ? previous?.host : rules.hostLimit.flatMap { HostLimit(id: $0) }.map { HostLimitWatch($0) }
    impact = host?.limit ?? rules.impact.flatMap { HostLimit(id: $0) }
  }

  /// Takes a finite sample. Allocates nothing.
  mutating func take(_ sample: Sample, isLearning: Bool) -> Crossing {
    var crossing = Crossing(configured: rules.limit(crossedBy: sample.value))
    if let ruling = host?.take(sample, isLearning: isLearning) { crossing.host = ruling }
    return crossing
  }

  /// Judges by the limits of the device that is measured from now on.
  mutating func adopt(_ hardware: HardwareLimits) {
    host?.adopt(hardware)
    impact = host?.limit ?? impact
  }

  /// Whether an open event is not over, whatever the detector has got used to: its metric is beyond a
  /// built-in level, but not yet for long enough, or is still on its way to one. A disk that fills is one
  /// fault from the first write to the last.
  func holdsOpen(_ event: Event, at sample: Sample, _ crossing: Crossing) -> Bool {
    guard let host else { return false }
    return crossing.host.isPending
      || event.isFarther(sample.value) && host.isApproached(by: sample, of: event)
  }

  /// The limit that a sample is beyond; of both kinds the configured one.
  func cause(of crossing: Crossing) -> (cause: EventCause, bound: Double)? {
    if let bound = crossing.configured { return (.limit(bound: bound), bound) }
    guard let level = crossing.host.level, let limit = host?.limit else { return nil }
    return (.hostLimit(limit.id, bound: level.bound), level.bound)
  }

  /// How severe a sample is.
  ///
  /// What a user has configured counts, then the levels of the table. Rarity alone makes no more than
  /// a warning of a metric whose values have a meaning, and nothing of harmless ones.
  /// - Parameter rarity: the severity by the score; nil: the sample does not alarm.
  func severity(of value: Double, _ crossing: Crossing, rarity: Severity?) -> Severity {
    if let configured = rules.severity?.severity(of: value) { return configured }
    if crossing.configured != nil { return .error }
    var severity = rarity ?? .info
    if let impact {
      severity = impact.harmless?.contains(value) ?? false ? .info : min(severity, .warning)
    } else if rules.severity != nil {
      severity = min(severity, .warning)
    }
    return max(severity, crossing.host.level?.severity ?? .info)
  }

  /// Whether the values of an open event say how severe it is, whether they alarm or not.
  var hasSeverityOfValues: Bool { !(rules.severity?.steps.isEmpty ?? true) }

  /// How long the metric must be normal before an event of that cause closes.
  func holdOff(of cause: EventCause) -> Duration {
    guard case .hostLimit = cause, let limit = host?.limit else { return rules.holdOff }
    return max(rules.holdOff, limit.closeAfter)
  }
}
