internal import Detection
public import Events
internal import Monitor
public import Series

/// The results of a ``Replay``.
public struct ReplayOutcome: Sendable {
  /// An event as it stood at the end.
  public struct Found: Equatable, Sendable {
    /// The event; its incident as of its newest step.
    public internal(set) var event: Event
    /// The silence that kept its opening from outputs until its end; nil if outputs were notified.
    public internal(set) var mutedBy: String?
  }

  /// Events that shared an incident.
  public struct Incident: Equatable, Sendable {
    /// The incident's id: that of the event with which it opened.
    public let id: EventID
    /// When the evidence of its earliest event began.
    public internal(set) var began: Timestamp
    /// When its first event opened.
    public internal(set) var opened: Timestamp
    /// When its last event closed; nil if one was open at the end.
    public internal(set) var closed: Timestamp?
    /// Its highest severity.
    public internal(set) var severity: Severity
    /// Whether outputs were notified of any of its events.
    public internal(set) var isNotified: Bool
    /// Its events in the order of their opening, as indices into ``ReplayOutcome/events``.
    public internal(set) var events: [Int]
  }

  /// The samples of one metric.
  public struct Metric: Equatable, Sendable {
    /// Its name.
    public let name: MetricName
    /// Samples, missing ones included.
    public let samples: Int
    /// Samples without a finite value.
    public let missing: Int
  }

  /// The events in the order of their opening.
  public private(set) var events: [Found] = []
  /// The steps of incidents, in order: the default notifications.
  public private(set) var notices: [IncidentTransition] = []
  /// The number of notifications if each event were notified individually.
  public private(set) var eventNotices = 0
  /// The metrics in the order of their appearance; complete at the end.
  public private(set) var metrics: [Metric] = []
  /// The earliest and the latest time of all recordings; nil before the first row.
  public private(set) var span: (first: Timestamp, last: Timestamp)?
  /// The time until the first metric's detector judged: no event can open before.
  public private(set) var warmUp = Duration.zero
  /// Metrics that were refused because the table was full.
  public private(set) var refusedMetrics = 0
  /// For each recording, the first metric already claimed by another one, and that one's name.
  public private(set) var conflicts: [(metric: MetricName, owner: String)?] = []
  /// Why recordings could not be read completely, by their index.
  public private(set) var failures: [Int: String] = [:]

  /// The newest event of each metric, as an index into ``events``.
  private var newest: [MetricName: Int] = [:]

  /// The incidents, in the order of their opening.
  public var incidents: [Incident] {
    var found: [Incident] = []
    var places: [EventID: Int] = [:]
    for (index, entry) in events.enumerated() {
      let event = entry.event
      let id = event.incident?.id ?? event.id
      guard let place = places[id] else {
        places[id] = found.count
        found.append(
          Incident(
            id: id, began: event.began, opened: event.opened, closed: event.closed,
            severity: event.severity, isNotified: entry.mutedBy == nil, events: [index]))
        continue
      }
      found[place].began = min(found[place].began, event.began)
      found[place].severity = max(found[place].severity, event.severity)
      found[place].isNotified = found[place].isNotified || entry.mutedBy == nil
      found[place].events.append(index)
      if let closed = found[place].closed {
        found[place].closed = event.closed.map { max(closed, $0) }
      }
    }
    return found
  }

  /// Days from the first to the last row.
  public var days: Double {
    span.map { max(0, $0.last.seconds - $0.first.seconds) / 86_400 } ?? 0
  }

  /// Days in which events could open: ``days`` without the warm-up.
  public var watchedDays: Double { max(0, days - warmUp / .seconds(86_400)) }

  // MARK: Collecting

  /// Nothing found yet.
  public init() {}

  mutating func note(_ moment: Timestamp) {
    span = span.map { (min($0.first, moment), max($0.last, moment)) } ?? (moment, moment)
  }

  mutating func take(_ step: Step) {
    switch step {
    case .incident(let transition): notices.append(transition)
    case .event(let step): take(step)
    }
  }

  private mutating func take(_ step: EventStep) {
    if step.mutedBy == nil { eventNotices += 1 }
    let event = step.transition.event
    let known = newest[event.metric].flatMap { events[$0].event.id == event.id ? $0 : nil }
    if let known {
      events[known].event = event
      // An opening may be notified late, when its silence has ended.
      if case .opened = step.transition { events[known].mutedBy = step.mutedBy }
    } else {
      newest[event.metric] = events.count
      events.append(Found(event: event, mutedBy: step.mutedBy))
    }
  }

  mutating func finish(
    _ monitor: HostMonitor, conflicts: [(metric: MetricName, owner: String)?],
    failures: [Int: any Error]
  ) {
    notices += monitor.settleIncidents()
    // Open events may have become worse since their newest step.
    for open in monitor.openEvents {
      guard let place = newest[open.metric], events[place].event.id == open.id else { continue }
      let incident = events[place].event.incident
      events[place].event = open
      events[place].event.incident = incident
    }
    metrics = monitor.metrics.map {
      Metric(name: $0.name, samples: $0.samples, missing: $0.missing)
    }
    warmUp =
      monitor.metrics.compactMap { metric in
        metric.usualInterval.map { $0 * ValueDetector.warmUpSamples }
      }.min() ?? .zero
    refusedMetrics = monitor.refusals
    self.conflicts = conflicts
    self.failures = failures.mapValues { "\($0)" }
  }
}
