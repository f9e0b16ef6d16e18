import Detection
package import Events
package import Series

/// Events whose opening outputs have not been told, because a silence kept it from them: at most one
/// a metric. One that is closed meanwhile stays until the next one opens, as it may come back.
///
/// Made anew at the start from the record of events.
package struct MutedEvents: Equatable {
  package struct Held: Equatable {
    package var event: EventID
    /// The ``Silence/id`` of what keeps it.
    package var silence: String
  }

  package private(set) var events: [MetricName: Held] = [:]

  /// Nothing is kept from outputs.
  package init() {}

  package var isEmpty: Bool { events.isEmpty }

  /// What keeps outputs from an event; nil: they have been told.
  package func silence(of event: Event) -> String? {
    events[event.metric].flatMap { $0.event == event.id ? $0.silence : nil }
  }

  /// Outputs are not told of this event.
  package mutating func hold(_ event: Event, for silence: String) {
    events[event.metric] = Held(event: event.id, silence: silence)
  }

  /// They are told now, or it is no event of its metric any more.
  package mutating func forget(_ metric: MetricName) {
    events[metric] = nil
  }
}
