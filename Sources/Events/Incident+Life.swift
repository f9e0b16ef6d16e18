import Glibc
import Series

/// Which steps of an incident outputs are notified of, and when.
extension Incident {
  /// Event time of the next step if nothing else happens; nil if there is none.
  var due: Timestamp? {
    guard state != .over else { return nil }
    let closing = state == .open ? closeDue : nil
    return changeDue.map { min($0, closing ?? $0) } ?? closing
  }

  /// Counts a step of one of its events that outputs are notified of.
  /// - Parameter interval: of the event's metric; nil: unknown.
  mutating func count(
    _ transition: EventTransition, interval: Duration?, timing: IncidentTiming
  ) {
    guard state != .over else { return }
    let event = transition.event
    let place = members.firstIndex { $0.reference.id == event.id }
    let isNew =
      if let place {
        !members[place].counts
      } else if case .opened = transition {
        !counting.contains(event.id)
      } else {
        false
      }
    let subsystemCount = subsystems.count
    if isNew {
      join(event, interval: interval, timing: timing)
    } else if case .opened = transition, state == .settling,
      id == EventID(incidentOf: event.id, at: event.opened)
    {
      // It opened before a crash; its samples are reread, so the interval is known now.
      settling = timing.settling(interval: interval)
      changeDue = nil
    }
    if let place {
      members[place].counts = true
      members[place].severity = event.severity
      members[place].peakScore = event.peakScore
    }
    let isWorse = event.severity > severity
    severity = max(severity, event.severity)
    if isWorse || subsystems.count > subsystemCount || event.id == change?.id {
      note(change: event)
    }
    choose(lead: event)
    if case .closed = transition { counting.remove(event.id) } else { counting.insert(event.id) }
    plan(after: event, at: transition.moment, timing)
  }

  /// Adds the first step of an event that counts.
  private mutating func join(_ event: Event, interval: Duration?, timing: IncidentTiming) {
    if counted == 0 { settling = timing.settling(interval: interval) }
    counted += 1
    countMetric(event.metric)
    let subsystem = Subsystem(of: event.metric)
    if !subsystems.contains(subsystem), subsystems.count < Incident.maximumSubsystems {
      subsystems.append(subsystem)
    }
  }

  /// Counts the metric of another event, unless it only repeats one that already counts.
  private mutating func countMetric(_ metric: MetricName) {
    let others = Set(members.lazy.filter(\.counts).map(\.reference.metric))
    guard !others.contains(metric) else { return }
    func isRepeated(_ metric: MetricName) -> Bool {
      others.contains { Subsystem.repeats(metric, of: $0) }
    }
    // Uncounts metrics that merely follow from the new one.
    metrics -= others.count { Subsystem.repeats($0, of: metric) && !isRepeated($0) }
    if !isRepeated(metric) { metrics += 1 }
  }

  /// If several changes wait, the most severe is reported.
  private mutating func note(change event: Event) {
    guard let known = change, known.id != event.id, changeDue != nil,
      known.severity >= event.severity
    else {
      change = event.outsideIncident
      change?.samples = []
      return
    }
  }

  /// Until the opening, the lead is the most severe event, then the rarest and earliest, and never
  /// one that only repeats another. After the opening, an event that raises the severity becomes
  /// the lead if it is known to do harm rather than merely being rare.
  private mutating func choose(lead event: Event) {
    guard let present = lead, present.id != event.id else {
      lead = event.outsideIncident
      return
    }
    let isWorse = event.severity > present.severity && event.severity > told.severity
    let takesOver = isWorse && (event.cause.isLimit || event.severity >= .error)
    guard state == .settling ? leads(event, before: present) : takesOver else { return }
    lead = event.outsideIncident
  }

  private func leads(_ event: Event, before other: Event) -> Bool {
    if Subsystem.repeats(event.metric, of: other.metric) { return false }
    if Subsystem.repeats(other.metric, of: event.metric) { return true }
    if event.severity != other.severity { return event.severity > other.severity }
    return weight(event) > weight(other)
  }

  /// Decades of rarity, minus one for each doubling of the time since the incident's beginning, in
  /// units of its settling time.
  private func weight(_ event: Event) -> Double {
    let late = max(.zero, event.began.elapsed(since: began)) / max(.seconds(1), settling)
    return Double(event.peakScore) - log2(late + 1)
  }

  // MARK: Steps

  /// Plans the next step after a change at a given event time.
  private mutating func plan(after event: Event, at moment: Timestamp, _ timing: IncidentTiming) {
    if state == .settling, counted > 0 {
      // Known faults and possible dangers do not wait for other metrics to be sampled.
      let isUrgent = event.severity == .critical || event.cause.isLimit
      planChange(at: moment.advanced(by: isUrgent ? timing.settling : settling))
    } else if severity > told.severity {
      planChange(at: moment.advanced(by: timing.settling))
    } else if subsystems.count > told.subsystems, changeDue == nil {
      let pause = (notified ?? moment).advanced(by: IncidentTiming.leastPause)
      planChange(at: max(moment.advanced(by: settling), pause))
    }
    planClose(timing)
  }

  /// Plans the opening or a worsening; no two steps share a time, not even to the millisecond.
  private mutating func planChange(at moment: Timestamp) {
    let due = notified.map { max(moment, $0.advanced(by: .milliseconds(1))) } ?? moment
    changeDue = min(changeDue ?? due, due)
  }

  /// Plans the close if no event that counts is open.
  mutating func planClose(_ timing: IncidentTiming) {
    closeDue = counting.isEmpty && counted > 0 ? closed.advanced(by: timing.joiningGap) : nil
  }

  /// Takes the step that is due.
  mutating func advance() -> IncidentTransition? {
    guard let due else { return nil }
    before = told
    notified = notified.map { max($0.advanced(by: .milliseconds(1)), due) } ?? due
    told = Told(severity: severity, subsystems: subsystems.count)
    guard changeDue != due else {
      changeDue = nil
      guard state == .settling else { return .worsened(self) }
      state = .open
      return .opened(self)
    }
    state = .over
    closeDue = nil
    changeDue = nil
    return .closed(self)
  }
}
