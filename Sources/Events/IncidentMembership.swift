public import Series

/// The place of an event in its incident, as the incident stood at the event's newest step.
///
/// Events of one host that overlap in time share an incident. Who wants one message per fault
/// groups by ``id``: every event of an incident carries it, from its opening to its close.
public struct IncidentMembership: Equatable, Sendable {
  /// The most events that are listed; ``size`` counts them all.
  public static let maximumListed = 32

  /// An event of the incident, by reference.
  public struct Reference: Equatable, Sendable {
    /// Its id.
    public var id: EventID
    /// Its metric.
    public var metric: MetricName
    /// When its evidence began.
    public var began: Timestamp

    /// A reference to the event with these properties.
    public init(id: EventID, metric: MetricName, began: Timestamp) {
      self.id = id
      self.metric = metric
      self.began = began
    }
  }

  /// The incident's id: that of the event with which it opened, whichever of its events it is that
  /// turns out to have begun first. It never changes.
  public var id: EventID
  /// The place of this event in the order in which the events began, from 1. It can move up when an
  /// event turns out to have begun earlier.
  public var position: Int
  /// How many events the incident has had so far, open or closed.
  public var size: Int
  /// How many of them are open after this step; 0: the incident is over, unless another event joins
  /// it within the joining gap.
  public var open: Int
  /// The events in the order in which they began, this one among them, at most ``maximumListed``.
  public var events: [Reference]

  /// A membership with these parts.
  public init(id: EventID, position: Int, size: Int, open: Int, events: [Reference]) {
    self.id = id
    self.position = position
    self.size = size
    self.open = open
    self.events = events
  }
}
