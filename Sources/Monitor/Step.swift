public import Detection
public import Events

/// What the monitor reports.
public enum Step: Equatable, Sendable {
  /// A step of an event.
  case event(EventStep)
  /// A step of an incident.
  case incident(IncidentTransition)

  /// The step of an event; nil for one of an incident.
  public var event: EventStep? {
    if case .event(let step) = self { step } else { nil }
  }
}

/// A step in the life of an event, with everything the monitor decided about it.
public struct EventStep: Equatable, Sendable {
  /// What an opening was charged to.
  public enum Charge: Equatable, Sendable {
    /// Nothing: not an opening, muted, or a metric with a budget of its own.
    case nothing
    /// The metric's share alone: an earlier event of the incident was charged to the host.
    case share
    /// The host's budget and the metric's share.
    case host
  }

  /// The step; its event carries the incident it belongs to.
  public var transition: EventTransition
  /// The ``Silence/id`` that keeps the step from outputs; nil: outputs are notified.
  public var mutedBy: String?
  /// The rarity of each kind of evidence at the sample that opened the event; nil for other steps,
  /// and if something other than evidence opened it.
  public var evidence: EvidenceVector?
  /// The account charged for it.
  public var charge = Charge.nothing

  init(_ transition: EventTransition, mutedBy: String? = nil) {
    self.transition = transition
    self.mutedBy = mutedBy
  }
}
