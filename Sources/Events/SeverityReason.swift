/// Why an event has its severity, as decided by ``LimitWatch`` and ``Recurrence``.
public struct SeverityReason {
  private let event: Event
  private let rules: EventRules?

  /// The reason for the severity of `event`.
  /// - Parameter rules: the present ones of its metric; nil if it is no longer monitored.
  public init(_ event: Event, under rules: EventRules?) {
    self.event = event
    self.rules = rules
  }

  private var severity: Severity { event.severity }
  /// The deciding value.
  private var worst: Double { event.peakValue.isFinite ? event.peakValue : event.value }

  /// In one sentence without a full stop.
  public var sentence: String {
    if let configured = rules?.severity?.severity(of: worst), configured == severity {
      return "Severity= in the metric's [Metric] section sets it"
    }
    switch event.cause {
    case .test: return "a test is always info"
    case .silentInput: return "an input that delivers nothing is always \(severity.name)"
    case .missedVisit: return "a scheduled event that does not occur is reported once, as info"
    case .limit: return "a value outside Range= is an error unless Severity= says otherwise"
    case .hostLimit(let id, let bound):
      guard let limit = HostLimit(id: id) else { return "a built-in limit was crossed" }
      return levelReason(limit)
        ?? "the built-in limit of \(limit.text(bound)) was crossed: \(limit.meaning)"
    case .evidence: return rarityReason
    }
  }

  private var rarityReason: String {
    if let recurrence = event.recurrence, recurrence.mostSevere == severity {
      switch recurrence.standing {
      case .scheduled: return "it occurred when such events usually do, so it is only recorded"
      case .excessive: return "the metric has used up its own alarm budget, so it is only recorded"
      case .unordered: return "similar events have occurred before, so it is at most a warning"
      case .unscheduled, .higher, .longer, .missed: break
      }
    }
    guard let limit = (rules?.hostLimit ?? rules?.impact).flatMap({ HostLimit(id: $0) }) else {
      if event.lower == event.upper {
        return "the metric had been constant, and the size of its first movement decides"
      }
      return
        "determined by the distance of the score from the alarm threshold: info below half a "
        + "decade, warning below two, then error"
    }
    if severity == .info, let harmless = limit.harmlessText,
      limit.harmless?.contains(worst) ?? false
    {
      return "\(harmless) of this metric is harmless, however rare"
    }
    if severity > .info, let reason = levelReason(limit) { return reason }
    return severity == .warning
      ? "rarity alone is at most a warning for the host's own metrics"
      : "the score is less than half a decade above the alarm threshold"
  }

  private static func words(_ severity: Severity) -> String {
    switch severity {
    case .info, .critical: severity.name
    case .warning: "a warning"
    case .error: "an error"
    }
  }

  /// The level of a limit that the worst value reached; nil if none has the event's severity.
  private func levelReason(_ limit: HostLimit) -> String? {
    let level = limit.levels.last { $0.severity == severity && limit.isBeyond(worst, $0.bound) }
    return level.map {
      "a value \(limit.side == .above ? "above" : "below") \(limit.text($0.bound)) is "
        + "\(SeverityReason.words(severity)): \(limit.meaning)"
    }
  }
}

extension HostLimit {
  /// The harmless values in words, such as `a value up to 80%`; nil if there are none.
  fileprivate var harmlessText: String? {
    guard let harmless else { return nil }
    if harmless.lowerBound.isFinite { return "a value from \(text(harmless.lowerBound)) on" }
    return harmless.upperBound.isFinite
      ? "a value up to \(text(harmless.upperBound))" : "any value"
  }
}
