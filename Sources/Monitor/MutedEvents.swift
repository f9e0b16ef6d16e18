public import Events
import Series

/// Open events whose opening a silence kept from outputs, at most one per metric. A closed one is
/// kept until the metric's next event opens, since it may reopen within its merge time.
///
/// Rebuilt from the event history after a restart.
public struct MutedEvents: Equatable, Sendable {
  private struct Entry: Equatable {
    var event: EventID
    /// The ``Silence/id`` that mutes it.
    var silence: String
  }

  private var entries: [MetricName: Entry] = [:]

  init() {}

  /// Whether no event is muted.
  public var isEmpty: Bool { entries.isEmpty }

  /// The silence that mutes an event; nil if outputs were notified of its opening.
  public func silence(of event: Event) -> String? {
    entries[event.metric].flatMap { $0.event == event.id ? $0.silence : nil }
  }

  /// How many events of `open` a silence mutes.
  func count(mutedBy silence: String, isOpen: (MetricName, EventID) -> Bool) -> Int {
    entries.count { $1.silence == silence && isOpen($0, $1.event) }
  }

  mutating func mute(_ event: Event, by silence: String) {
    entries[event.metric] = Entry(event: event.id, silence: silence)
  }

  /// Outputs are notified of the metric's event, or it has a newer one.
  mutating func remove(_ metric: MetricName) {
    entries[metric] = nil
  }
}
