public import Series

/// Events of one host that overlap in time, and what outputs are notified of them.
///
/// All of its events belong to it. Only those count to what outputs are notified of that no silence
/// mutes: its severity, its subsystems, its number of metrics and the event that leads it.
public struct Incident: Equatable, Sendable {
  /// The most events that are listed; ``size`` counts them all.
  public static let maximumListed = 64
  /// The most subsystems that are listed.
  public static let maximumSubsystems = 32

  /// Where an incident is in its life.
  public enum State: UInt8, CaseIterable, Sendable {
    /// Outputs have not been notified of it: it settles, or all of its events are muted.
    case settling = 0
    /// Outputs have been notified of its opening.
    case open = 1
    /// Outputs have been notified of its close; no event joins it any more.
    case over = 2
  }

  /// Derived from the event with which it opened, see ``EventID/init(incidentOf:at:)``.
  public let id: EventID
  /// Time stamp of the sample that opened it.
  public let opened: Timestamp
  /// When the evidence of its earliest event began.
  public internal(set) var began: Timestamp
  /// When the last of its closed events was over; its opening if none is.
  public internal(set) var closed: Timestamp
  /// How many events it has had.
  public internal(set) var size = 0
  /// Its events in the order in which they began.
  public internal(set) var members: [IncidentMember] = []
  /// The open ones, with their metrics.
  public internal(set) var open: [EventID: MetricName] = [:]
  /// What accounts for it, filled at its opening; empty if that is not known.
  public var attributions: [Attribution] = []

  // MARK: What counts

  /// Where it is in its life.
  public internal(set) var state = State.settling
  /// The severity of the most severe event so far that counts.
  public internal(set) var severity = Severity.info
  /// How many events count.
  public internal(set) var counted = 0
  /// How many metrics have had an event that counts, without those that only repeat another of them; an
  /// event beyond ``maximumListed`` is taken for one of another metric.
  public internal(set) var metrics = 0
  /// The subsystems of those metrics in the order in which they joined.
  public internal(set) var subsystems: [Subsystem] = []
  /// The event that says best what the incident is about, as of its newest step; fixed from the
  /// opening on; nil if none counts.
  public internal(set) var lead: Event?
  /// What has made it worse since outputs were last notified, or at that step.
  public internal(set) var change: Event?
  /// Open events that count.
  var counting: Set<EventID> = []

  // MARK: Notification

  /// Event time of the newest step; nil before the first.
  public internal(set) var notified: Timestamp?
  /// The severity before the newest step, and how many of ``subsystems`` there were.
  public internal(set) var before: Told = Told()
  /// The same as of the newest step.
  var told = Told()
  /// Event time at which the opening or a worsening is due; nil: none is.
  var changeDue: Timestamp?
  /// Event time at which the close is due; nil while an event is open that counts.
  var closeDue: Timestamp?
  /// The settling time, by the interval of the first metric that counts.
  var settling = Duration.zero

  /// What outputs know of an incident.
  public struct Told: Equatable, Sendable {
    /// Its severity.
    public var severity = Severity.info
    /// How many of its subsystems.
    public var subsystems = 0
  }

  /// An incident that an event opens at a moment.
  init(_ event: Event, id: EventID, at moment: Timestamp) {
    self.init(id: id, opened: moment, began: event.began)
    admit(event)
  }

  init(id: EventID, opened: Timestamp, began: Timestamp) {
    self.id = id
    self.opened = opened
    self.began = began
    closed = opened
  }

  /// How many of its events are open that count.
  public var openCount: Int { counting.count }

  /// The last digits of the id, by which people name it.
  public var shortID: String { String(id.description.suffix(4)) }

  /// The subsystems that joined with the newest step.
  var joined: ArraySlice<Subsystem> { subsystems.dropFirst(before.subsystems) }

  /// What it is about, such as `disk vda busy, memory and cpu with it`.
  public var headline: String {
    guard let lead else { return "nothing" }
    let first = Subsystem(of: lead.metric)
    let state =
      lead.cause.isLimit ? "beyond a limit" : first.state(lead.direction, of: lead.metric)
    // Waiting for a disk that is named needs no mention.
    let hasDisk = subsystems.contains { $0.description.hasPrefix("disk ") }
    let others = subsystems.filter { $0 != first && !(hasDisk && $0.description == "I/O") }
      .map(\.description)
    return "\(first) \(state)" + (others.isEmpty ? "" : ", \(Incident.list(others)) with it")
  }

  /// Names, at most four of them.
  static func list(_ names: [String]) -> String {
    let most = 4
    var shown = Array(names.prefix(most))
    if names.count > most { shown.append("\(names.count - most) more") }
    guard let last = shown.popLast() else { return "" }
    return shown.isEmpty ? last : "\(shown.joined(separator: ", ")) and \(last)"
  }

  /// From its beginning to its last close, or to its newest step while an event is open.
  public var duration: Duration {
    max(.zero, (state == .over ? closed : notified ?? opened).elapsed(since: began))
  }

  func has(_ event: EventID) -> Bool {
    open[event] != nil || members.contains { $0.reference.id == event }
  }

  /// Whether a sample of a metric brings its event time forward.
  func concerns(_ metric: MetricName) -> Bool {
    members.contains { $0.reference.metric == metric } || open.values.contains(metric)
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
      let place = members.firstIndex { $0.reference.began > event.began } ?? members.count
      members.insert(
        IncidentMember(reference: reference, severity: event.severity, peakScore: event.peakScore),
        at: place)
      if members.count > Incident.maximumListed { members.removeLast() }
    }
    began = min(began, event.began)
    open[event.id] = event.metric
  }

  mutating func close(_ event: Event) {
    open[event.id] = nil
    closed = max(closed, event.closed ?? closed)
  }

  /// Keeps only the events of `known`, after a restart that has lost others.
  mutating func retain(_ known: Set<EventID>) {
    for event in open.keys where !known.contains(event) { open[event] = nil }
    counting.formIntersection(known)
  }

  /// Events that are not listed come last.
  func membership(of event: EventID) -> IncidentMembership {
    let listed = members.prefix(IncidentMembership.maximumListed)
    return IncidentMembership(
      id: id, position: members.firstIndex { $0.reference.id == event }.map { $0 + 1 } ?? size,
      size: size, open: open.count, events: listed.map(\.reference))
  }
}
