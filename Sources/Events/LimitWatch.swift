import Series

/// Checks the samples of a metric against fixed limits: those of ``EventRules``, and the built-in
/// one.
struct LimitWatch: Sendable {
  /// The result for a sample.
  struct Crossing {
    /// The end of `Range=` that the value lies beyond.
    var configured: Double?
    /// The built-in limit's ruling.
    var host = HostLimitWatch.Ruling()

    /// Whether a limit would open an event.
    var isBeyond: Bool { configured != nil || host.level != nil }
  }

  /// The rules in force.
  let rules: EventRules
  private var host: HostLimitWatch?
  /// The impact of the metric's values, whether or not its levels apply.
  private var impact: HostLimit?

  /// Watches the limits named by the rules.
  /// - Parameter previous: the previous watch of the metric.
  init(_ rules: EventRules, after previous: LimitWatch?) {
    self.rules = rules
    host =
      previous?.rules.hostLimit == rules.hostLimit
      ? previous?.host : rules.hostLimit.flatMap { HostLimit(id: $0) }.map { HostLimitWatch($0) }
    impact = host?.limit ?? rules.impact.flatMap { HostLimit(id: $0) }
  }

  /// Processes a finite sample. Does not allocate.
  mutating func take(_ sample: Sample, isLearning: Bool) -> Crossing {
    var crossing = Crossing(configured: rules.limit(crossedBy: sample.value))
    if let ruling = host?.take(sample, isLearning: isLearning) { crossing.host = ruling }
    return crossing
  }

  /// Adopts the limits reported by the measured device.
  mutating func adopt(_ hardware: HardwareLimits) {
    host?.adopt(hardware)
    impact = host?.limit ?? impact
  }

  /// Whether an open event continues although the detector has adapted: its metric is beyond a
  /// built-in level, but not yet for long enough, or is still heading for one. A disk that fills is
  /// one fault from the first write to the last.
  func holdsOpen(_ event: Event, at sample: Sample, _ crossing: Crossing) -> Bool {
    guard let host else { return false }
    return crossing.host.isPending
      || event.isFarther(sample.value) && host.isApproached(by: sample, of: event)
  }

  /// The limit that a sample is beyond; the configured one takes precedence.
  func cause(of crossing: Crossing) -> (cause: EventCause, bound: Double)? {
    if let bound = crossing.configured { return (.limit(bound: bound), bound) }
    guard let level = crossing.host.level, let limit = host?.limit else { return nil }
    return (.hostLimit(limit.id, bound: level.bound), level.bound)
  }

  /// The severity of a sample.
  ///
  /// User configuration takes precedence, then the levels of the table. Rarity alone amounts to a
  /// warning at most for metrics whose values have a known impact, and to nothing for harmless
  /// values.
  /// - Parameter rarity: the severity by the score; nil if the sample does not alarm.
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

  /// Whether values determine the severity of an open event, whether they alarm or not.
  var hasSeverityOfValues: Bool { !(rules.severity?.steps.isEmpty ?? true) }

  /// How long the metric must be normal before an event with that cause closes.
  func holdOff(of cause: EventCause) -> Duration {
    guard case .hostLimit = cause, let limit = host?.limit else { return rules.holdOff }
    return max(rules.holdOff, limit.closeAfter)
  }
}
