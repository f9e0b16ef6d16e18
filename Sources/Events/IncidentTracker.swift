public import Series

/// Puts events of one host that overlap in time together into incidents.
///
/// An incident lasts from the beginning of its first event to the close of its last one, and for
/// ``joiningGap`` beyond, during which another event may still join it. All in event time, so that
/// samples that are read again give the same incidents.
public struct IncidentTracker: Sendable {
  /// How long after the close of its last event another one may join an incident.
  public static let joiningGap = Duration.seconds(300)
  /// How long after its opening an incident takes further events: one that drags on for days must
  /// not swallow what has nothing to do with it.
  public static let joiningTime = Duration.seconds(86_400)
  /// The most incidents that are remembered; beyond it the oldest is forgotten, and an event of it
  /// that is still open stands for itself.
  public static let maximumIncidents = 64

  /// In the order in which they opened.
  var incidents: [Incident] = []

  /// No incidents.
  public init() {}

  /// Those that have an open event, or are open to another one, in the order in which they opened.
  public var all: [Incident] { incidents }

  /// The membership of an event after its newest step; nil where its incident is not known.
  public func membership(of event: EventID) -> IncidentMembership? {
    incidents.last { $0.has(event) }?.membership(of: event)
  }

  /// Takes a step in the life of an event.
  /// - Parameter lastSeen: until when the metric of an open event can be taken for anomalous: the
  ///   time stamp of its newest sample, and a little more. So that an event of a metric that is no
  ///   longer heard of does not keep its incident open for ever.
  /// - Returns: the membership of the event after the step.
  public mutating func note(
    _ transition: EventTransition, lastSeen: (MetricName) -> Timestamp?
  ) -> IncidentMembership {
    let event = transition.event
    let known = incidents.lastIndex { $0.has(event.id) }
    if case .closed = transition {
      guard let known else { return Incident(event, open: false).membership(of: event.id) }
      incidents[known].close(event)
      return incidents[known].membership(of: event.id)
    }
    let place = known ?? joinable(event, lastSeen) ?? begin(event)
    incidents[place].admit(event)
    return incidents[place].membership(of: event.id)
  }

  /// Goes on with the events of `open` alone, after a restart that has lost others.
  public mutating func retain(_ open: Set<EventID>) {
    for index in incidents.indices { incidents[index].retain(open) }
  }

  /// The incident that an event joins: the newest one that it overlaps.
  private func joinable(_ event: Event, _ lastSeen: (MetricName) -> Timestamp?) -> Int? {
    incidents.lastIndex { incident in
      let age = event.opened.elapsed(since: incident.opened)
      guard age < IncidentTracker.joiningTime,
        incident.began <= event.opened.advanced(by: IncidentTracker.joiningGap)
      else { return false }
      return event.began <= incident.end(lastSeen).advanced(by: IncidentTracker.joiningGap)
    }
  }

  private mutating func begin(_ event: Event) -> Int {
    incidents.removeAll { incident in
      incident.open.isEmpty
        && incident.closed.advanced(by: IncidentTracker.joiningGap) < event.began
    }
    if incidents.count == IncidentTracker.maximumIncidents {
      incidents.remove(at: incidents.firstIndex { $0.open.isEmpty } ?? 0)
    }
    incidents.append(Incident(event, open: true))
    return incidents.count - 1
  }
}
