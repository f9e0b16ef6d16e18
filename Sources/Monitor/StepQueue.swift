import Detection
import Events
import Series

/// The steps that wait to be drained, and what makes them: from a transition of an event to what outputs
/// are notified of and what it costs.
///
/// Works on the metrics, which know their intervals and their shares of the budget, and on that budget.
struct StepQueue {
  /// A moment on both clocks of the monitor.
  struct Moment {
    /// The time of day.
    var now: Timestamp
    /// The time on the clock that stands still while the machine sleeps.
    var awake: Duration
  }

  /// Steps that have not been drained yet, in order.
  var waiting: [Step] = []
  /// Silences and incidents.
  var policy: AlarmPolicy
  /// Event time of the next step of an incident; nothing happens to incidents before.
  private(set) var incidentDue = Timestamp.latest
  /// See ``HostMonitor/attributing``.
  var attributing: ((Incident) -> [Attribution])?

  /// An empty queue.
  init(policy: AlarmPolicy) { self.policy = policy }

  /// Decides what becomes of a transition, and charges what it costs at once: the next sample is
  /// judged under the thresholds that follow from it.
  mutating func add(
    _ transition: EventTransition, at moment: Moment, table: inout MetricTable,
    budget: inout HostBudget
  ) {
    var made: [EventStep] = []
    policy.take(
      transition, at: moment.now, lastSeen: { table.lastSeen($0, at: moment.now) }, into: &made)
    if case .opened(let event) = transition, case .evidence = event.cause {
      made[0].evidence = table[event.metric]?.verdict?.evidence
    }
    add(made, at: moment, table: &table, budget: &budget)
  }

  /// Adds the opening of an open event whose silence has ended.
  mutating func addUnmuted(
    _ event: Event, at moment: Moment, table: inout MetricTable, budget: inout HostBudget
  ) {
    let opening = policy.unmute(event, lastSeen: { table.lastSeen($0, at: moment.now) })
    add([opening], at: moment, table: &table, budget: &budget)
  }

  /// Adds steps of one event, counts them to its incident, and charges what they cost.
  private mutating func add(
    _ made: [EventStep], at moment: Moment, table: inout MetricTable, budget: inout HostBudget
  ) {
    for var step in made {
      if step.mutedBy == nil {
        let event = step.transition.event
        policy.incidents.count(
          step.transition, interval: table[event.metric]?.usualInterval,
          awake: moment.awake)
        step.charge = charge(step.transition, table: &table, budget: &budget)
      }
      waiting.append(.event(step))
    }
    refreshIncidentDue()
    // Where settling takes no time.
    guard let last = made.last?.transition, last.moment >= incidentDue else { return }
    add(policy.incidents.advance(to: last.moment, of: last.event.metric))
  }

  private func charge(
    _ transition: EventTransition, table: inout MetricTable, budget: inout HostBudget
  ) -> EventStep.Charge {
    guard case .opened(let event) = transition else { return .nothing }
    switch event.cause {
    // A built-in limit is no guess, nor is a schedule: they cost nothing of what guesses may cost.
    case .hostLimit, .missedVisit: return .nothing
    case .evidence, .limit, .silentInput, .test: break
    }
    return table.charge(
      event.metric, beginsIncident: policy.incidents.isFirst(event.id), to: &budget)
  }

  /// Takes the steps of incidents that are due with a sample of a metric, before the sample.
  mutating func advanceIncidents(to moment: Timestamp, of metric: MetricName) {
    add(policy.incidents.advance(to: moment, of: metric))
  }

  /// Takes the steps of incidents whose metrics have no further sample.
  mutating func advanceOverdueIncidents(awake: Duration) {
    guard incidentDue < .latest else { return }
    add(policy.incidents.overdue(awake: awake))
  }

  /// Adds steps of incidents, with what accounts for those that open; if that was not known then, for
  /// those that become worse.
  private mutating func add(_ made: [IncidentTransition]) {
    for var step in made {
      if case .closed = step {
        // What uses much now is not what did it.
      } else if step.incident.attributions.isEmpty, let found = attributing?(step.incident),
        !found.isEmpty
      {
        policy.incidents.attribute(step.incident.id, to: found)
        step.incident.attributions = Array(found.prefix(Attribution.maximum))
      }
      waiting.append(.incident(step))
    }
    refreshIncidentDue()
  }

  /// Looks up when incidents have their next step; after they were changed.
  mutating func refreshIncidentDue() { incidentDue = policy.incidents.due ?? .latest }
}
