public import Series

/// Events of one host that overlap in time.
public struct Incident: Equatable, Sendable {
  /// The id of the event with which it opened.
  public let id: EventID
  /// Time stamp of the sample that opened it.
  public let opened: Timestamp
  /// When the evidence of its earliest event began.
  public internal(set) var began: Timestamp
  /// When the last of its closed events was over; its opening if none is.
  public internal(set) var closed: Timestamp
  /// How many events it has had.
  public internal(set) var size = 0
  /// The severity of its most severe event so far.
  public internal(set) var severity = Severity.info
  /// Its events in the order in which they began, at most ``IncidentMembership/maximumListed``.
  public internal(set) var events: [IncidentMembership.Reference] = []
  /// What accounts for it, filled at its opening; empty if that is not known.
  public var attributions: [Attribution] = []
  /// The open ones, with their metrics.
  public internal(set) var open: [EventID: MetricName] = [:]

  init(_ event: Event, open isOpen: Bool) {
    self.init(id: event.incident?.id ?? event.id, opened: event.opened, began: event.began)
    admit(event)
    if !isOpen { close(event) }
  }

  init(id: EventID, opened: Timestamp, began: Timestamp) {
    self.id = id
    self.opened = opened
    self.began = began
    closed = opened
  }

  func has(_ event: EventID) -> Bool {
    open[event] != nil || events.contains { $0.id == event }
  }

  /// Until when it can be assumed to last.
  func end(_ lastSeen: (MetricName) -> Timestamp?) -> Timestamp {
    open.values.reduce(closed) { max($0, lastSeen($1) ?? $0) }
  }

  /// Admits an open event; one that it has or had already is not counted again.
  mutating func admit(_ event: Event) {
    if !has(event.id) {
      size += 1
      let reference = IncidentMembership.Reference(
        id: event.id, metric: event.metric, began: event.began)
      let place = events.firstIndex { $0.began > event.began } ?? events.count
      events.insert(reference, at: place)
      if events.count > IncidentMembership.maximumListed { events.removeLast() }
    }
    began = min(began, event.began)
    severity = max(severity, event.severity)
    open[event.id] = event.metric
  }

  mutating func close(_ event: Event) {
    severity = max(severity, event.severity)
    open[event.id] = nil
    closed = max(closed, event.closed ?? closed)
  }

  mutating func retain(_ known: Set<EventID>) {
    for event in open.keys where !known.contains(event) { open[event] = nil }
  }

  /// Events that are not listed come last.
  func membership(of event: EventID) -> IncidentMembership {
    IncidentMembership(
      id: id, position: events.firstIndex { $0.id == event }.map { $0 + 1 } ?? size, size: size,
      open: open.count, events: events)
  }
}
