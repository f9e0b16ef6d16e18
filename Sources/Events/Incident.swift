public import Series

/// Events of one host that overlap in time, and the notifications about them.
///
/// All of its events belong to it. Its severity, subsystems, number of metrics and lead, as outputs
/// see them, are determined only by the events that count: those that no silence mutes.
public struct Incident: Equatable, Sendable {
  /// Maximum number of listed events; ``size`` counts them all.
  public static let maximumListed = 64
  /// Maximum number of listed subsystems.
  public static let maximumSubsystems = 32

  /// The stages of an incident's life.
  public enum State: UInt8, CaseIterable, Sendable {
    /// Outputs have not been notified of it: it is settling, or all of its events are muted.
    case settling = 0
    /// Outputs have been notified of its opening.
    case open = 1
    /// Outputs have been notified of its close; no further event joins it.
    case over = 2
  }

  /// Derived from the event with which it opened, see ``EventID/init(incidentOf:at:)``.
  public let id: EventID
  /// Time stamp of the sample that opened it.
  public let opened: Timestamp
  /// When the evidence of its earliest event began.
  public internal(set) var began: Timestamp
  /// When the last of its closed events ended; its opening if none has.
  public internal(set) var closed: Timestamp
  /// How many events it has had.
  public internal(set) var size = 0
  /// Its events in the order in which they began.
  public internal(set) var members: [IncidentMember] = []
  /// The open ones, with their metrics.
  public internal(set) var open: [EventID: MetricName] = [:]
  /// The units that account for it, filled in at its opening; empty if unknown.
  public var attributions: [Attribution] = []

  // MARK: Events that count

  /// Its stage.
  public internal(set) var state = State.settling
  /// The highest severity so far of an event that counts.
  public internal(set) var severity = Severity.info
  /// How many events count.
  public internal(set) var counted = 0
  /// How many metrics have had an event that counts, without those that only repeat another one; an
  /// event beyond ``maximumListed`` is assumed to be on another metric.
  public internal(set) var metrics = 0
  /// The subsystems of those metrics in the order in which they joined.
  public internal(set) var subsystems: [Subsystem] = []
  /// The event that best describes the incident, as of its newest step; fixed from the opening on;
  /// nil if none counts.
  public internal(set) var lead: Event?
  /// The event that has made it worse since outputs were last notified, or at that step.
  public internal(set) var change: Event?
  /// Open events that count.
  var counting: Set<EventID> = []

  // MARK: Notification

  /// Event time of the newest step; nil before the first.
  public internal(set) var notified: Timestamp?
  /// The severity and the number of ``subsystems`` before the newest step.
  public internal(set) var before: Told = Told()
  /// The same as of the newest step.
  var told = Told()
  /// Event time at which the opening or a worsening is due; nil if none is.
  var changeDue: Timestamp?
  /// Event time at which the close is due; nil while an event that counts is open.
  var closeDue: Timestamp?
  /// The settling time, by the interval of the first metric that counts.
  var settling = Duration.zero

  /// What outputs have been told about an incident.
  public struct Told: Equatable, Sendable {
    /// Its severity.
    public var severity = Severity.info
    /// Number of its subsystems.
    public var subsystems = 0
  }

  /// An incident opened by an event at a given time.
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

  /// How many of its open events count.
  public var openCount: Int { counting.count }

  /// The last digits of the id, which people use to refer to it.
  public var shortID: String { String(id.description.suffix(4)) }

  /// The subsystems that joined with the newest step.
  var joined: ArraySlice<Subsystem> { subsystems.dropFirst(before.subsystems) }

  /// What it is about, such as `disk vda busy, memory and cpu with it`.
  public var headline: String {
    guard let lead else { return "nothing" }
    let first = Subsystem(of: lead.metric)
    let state =
      lead.cause.isLimit ? "beyond a limit" : first.state(lead.direction, of: lead.metric)
    // Waiting for a disk need not be mentioned if the disk is named.
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

  /// Whether a sample of a metric advances its event time.
  func concerns(_ metric: MetricName) -> Bool {
    members.contains { $0.reference.metric == metric } || open.values.contains(metric)
  }

  /// The time until which it can be assumed to last.
  func end(_ lastSeen: (MetricName) -> Timestamp?) -> Timestamp {
    open.values.reduce(closed) { max($0, lastSeen($1) ?? $0) }
  }

  /// Admits an open event; one that it already contains or contained is not counted again.
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

  /// Keeps only the events in `known`, after a restart in which others were lost.
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
