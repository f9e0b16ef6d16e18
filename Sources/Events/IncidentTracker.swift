public import Series

/// Groups events of one host that overlap in time into incidents, and decides when outputs are
/// notified of them.
///
/// An incident lasts from the beginning of its first event to the close of its last one, plus
/// ``IncidentTiming/joiningGap``, during which another event may still join it. All in event time,
/// so that rereading samples gives the same incidents and the same steps.
public struct IncidentTracker: Sendable {
  /// How long after its opening an incident admits further events: one that lasts for days must not
  /// swallow unrelated ones.
  public static let joiningTime = Duration.seconds(86_400)
  /// Maximum number of remembered incidents; after that the oldest is forgotten, and an open event
  /// of it becomes an incident of its own.
  public static let maximumIncidents = 64

  /// When steps are due; a change takes effect with the next event.
  public var timing: IncidentTiming
  /// In the order in which they opened.
  var incidents: [Incident] = []
  /// When each incident with a pending step last changed, by the caller's clock.
  private var touched: [EventID: Duration] = [:]

  /// No incidents.
  public init(timing: IncidentTiming = IncidentTiming()) {
    self.timing = timing
  }

  /// The incidents that have an open event or may still be joined, in the order in which they opened.
  public var all: [Incident] { incidents }

  /// Event time of the next step of any incident; nil if none is pending.
  public var due: Timestamp? { incidents.compactMap(\.due).min() }

  /// The membership of an event after its newest step; nil if its incident is unknown.
  public func membership(of event: EventID) -> IncidentMembership? {
    incidents.last { $0.has(event) }?.membership(of: event)
  }

  /// Whether an event is the first of its incident that counts.
  public func isFirst(_ event: EventID) -> Bool {
    incidents.last { $0.has(event) }.map { $0.counted == 1 } ?? true
  }

  // MARK: Events

  /// Processes a step in the life of an event.
  /// - Parameter lastSeen: until when the metric of an open event can be assumed to be anomalous:
  ///   the time stamp of its newest sample plus a margin, so that an event of a metric that has
  ///   stopped does not keep its incident open forever.
  /// - Returns: the membership of the event after the step.
  public mutating func note(
    _ transition: EventTransition, lastSeen: (MetricName) -> Timestamp?
  ) -> IncidentMembership {
    let event = transition.event
    let known = incidents.lastIndex { $0.has(event.id) && $0.state != .over }
    if case .closed = transition {
      guard let known else {
        let past = incidents.last { $0.has(event.id) }
        return past?.membership(of: event.id) ?? membership(alone: event)
      }
      incidents[known].close(event)
      return incidents[known].membership(of: event.id)
    }
    let place =
      known ?? joinable(event, lastSeen)
      ?? begin(
        event, as: EventID(incidentOf: event.id, at: transition.moment), at: transition.moment)
    incidents[place].admit(event)
    return incidents[place].membership(of: event.id)
  }

  /// Counts a step that outputs are notified of; call it after ``note(_:lastSeen:)``.
  /// - Parameters:
  ///   - interval: the usual time between two samples of the metric; nil: unknown.
  ///   - awake: see ``overdue(awake:)``.
  public mutating func count(
    _ transition: EventTransition, interval: Duration?, awake: Duration = .zero
  ) {
    guard let place = incidents.lastIndex(where: { $0.has(transition.event.id) }) else { return }
    incidents[place].count(transition, interval: interval, timing: timing)
    touched[incidents[place].id] = incidents[place].due == nil ? nil : awake
  }

  private func membership(alone event: Event) -> IncidentMembership {
    let id = event.incident?.id ?? EventID(incidentOf: event.id, at: event.opened)
    var alone = Incident(event, id: id, at: event.opened)
    alone.close(event)
    return alone.membership(of: event.id)
  }

  /// The newest incident that an event overlaps, and therefore joins.
  private func joinable(_ event: Event, _ lastSeen: (MetricName) -> Timestamp?) -> Int? {
    incidents.lastIndex { incident in
      let age = event.opened.elapsed(since: incident.opened)
      guard incident.state != .over, age < IncidentTracker.joiningTime,
        incident.began <= event.opened.advanced(by: timing.joiningGap)
      else { return false }
      return event.began <= incident.end(lastSeen).advanced(by: timing.joiningGap)
    }
  }

  private mutating func begin(_ event: Event, as id: EventID, at moment: Timestamp) -> Int {
    incidents.removeAll { incident in
      incident.open.isEmpty && incident.due == nil
        && incident.closed.advanced(by: timing.joiningGap) < event.began
    }
    makeRoom()
    incidents.append(Incident(event, id: id, at: moment))
    return incidents.count - 1
  }

  /// Forgets the oldest incident if there are too many, preferring those without a pending step.
  private mutating func makeRoom() {
    guard incidents.count >= IncidentTracker.maximumIncidents else { return }
    let place =
      incidents.firstIndex { $0.open.isEmpty && $0.due == nil }
      ?? incidents.firstIndex { $0.open.isEmpty } ?? 0
    touched[incidents[place].id] = nil
    incidents.remove(at: place)
  }

  // MARK: Steps

  /// Takes the steps that are due with a sample of a metric.
  public mutating func advance(
    to moment: Timestamp, of metric: MetricName
  ) -> [IncidentTransition] {
    steps { $0.due.map { $0 <= moment } ?? false && $0.concerns(metric) }
  }

  /// Takes the steps that would be due by now if the metrics concerned had further samples.
  /// - Parameter awake: the clock that was passed to ``count(_:interval:awake:)``.
  public mutating func overdue(awake: Duration) -> [IncidentTransition] {
    let changed = touched
    let timing = timing
    return steps { incident in
      guard let due = incident.due, let since = changed[incident.id] else { return false }
      let settling = incident.state == .settling ? incident.settling : IncidentTiming.leastPause
      let wait = incident.changeDue == due ? settling : timing.joiningGap
      return awake - since >= wait + IncidentTracker.patience
    }
  }

  /// Takes all pending steps.
  public mutating func settle() -> [IncidentTransition] { steps { _ in true } }

  /// How long a sample may be late.
  private static let patience = Duration.seconds(5)

  private mutating func steps(where isDue: (Incident) -> Bool) -> [IncidentTransition] {
    var steps: [IncidentTransition] = []
    for index in incidents.indices {
      while isDue(incidents[index]), let step = incidents[index].advance() { steps.append(step) }
      if incidents[index].due == nil { touched[incidents[index].id] = nil }
    }
    return steps.sorted { $0.moment < $1.moment }
  }

  /// Fills in the units that account for an incident.
  public mutating func attribute(_ incident: EventID, to attributions: [Attribution]) {
    guard let place = incidents.lastIndex(where: { $0.id == incident }) else { return }
    incidents[place].attributions = Array(attributions.prefix(Attribution.maximum))
  }

  // MARK: Restarts

  /// Adopts an incident as outputs were last notified of it, if the tracker's state is older.
  public mutating func adopt(_ incident: Incident) {
    guard let place = incidents.lastIndex(where: { $0.id == incident.id }) else {
      makeRoom()
      incidents.append(incident)
      incidents.sort { $0.opened < $1.opened }
      return
    }
    guard let notified = incident.notified,
      incidents[place].notified.map({ $0 < notified }) ?? true
    else { return }
    incidents[place] = incident
  }

  /// Restores an open event of the history, in the incident that it carries.
  /// - Parameter isTold: whether outputs were notified of it.
  public mutating func restore(_ event: Event, interval: Duration?, isTold: Bool) {
    if let place = incidents.lastIndex(where: { $0.has(event.id) && $0.state != .over }) {
      guard isTold, !incidents[place].counting.contains(event.id) else { return }
      incidents[place].admit(event)
    } else {
      // Earlier versions gave an incident the id of its first event.
      let known = event.incident.flatMap { membership in
        membership.events.contains { $0.id == membership.id } ? nil : membership.id
      }
      let id = known ?? EventID(incidentOf: event.id, at: event.opened)
      if let place = incidents.lastIndex(where: { $0.id == id && $0.state != .over }) {
        incidents[place].admit(event)
      } else {
        _ = begin(event, as: id, at: event.opened)
      }
    }
    if isTold { count(.opened(event), interval: interval) }
  }

  /// Keeps only the events in `open`, after a restart in which others were lost.
  /// - Parameter awake: see ``overdue(awake:)``.
  public mutating func retain(_ open: Set<EventID>, awake: Duration = .zero) {
    for index in incidents.indices {
      incidents[index].retain(open)
      incidents[index].planClose(timing)
      touched[incidents[index].id] = incidents[index].due == nil ? nil : awake
    }
  }
}

extension IncidentTracker {
  /// Version 1 had no notification state, version 2 no columns of events.
  private static let formatVersion: UInt8 = 3

  /// All incidents, as bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(IncidentTracker.formatVersion)
    writer.write(UInt8(incidents.count))
    for incident in incidents { incident.encode(to: &writer) }
    return writer.bytes
  }

  /// The incidents written by ``encode()``.
  /// - Throws: ``ByteReaderError`` for anything else.
  public init(
    decoding bytes: [UInt8], timing: IncidentTiming = IncidentTiming()
  ) throws(ByteReaderError) {
    self.init(timing: timing)
    var reader = ByteReader(bytes)
    let version = try reader.readUInt8()
    guard (1...IncidentTracker.formatVersion).contains(version) else {
      throw .outOfRange(offset: 0, value: Int64(version))
    }
    let count = try reader.readUInt8()
    guard count <= IncidentTracker.maximumIncidents else {
      throw .outOfRange(offset: 1, value: Int64(count))
    }
    for _ in 0..<count {
      incidents.append(
        version == 1
          ? try Incident(format1: &reader)
          : try Incident(from: &reader, events: version == 2 ? .withoutColumns : .current))
    }
    try reader.requireEnd()
  }
}
