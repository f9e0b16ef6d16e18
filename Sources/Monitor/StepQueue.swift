import Detection
import Events
import Series

/// The queue of steps to be drained, and the logic that fills it: from a transition of an event to
/// the steps that outputs are notified of and their cost.
///
/// Works on the metrics, which know their intervals and their shares of the budget, and on the
/// host's budget.
struct StepQueue {
  /// A time on both clocks of the monitor.
  struct Moment {
    /// The time of day.
    var now: Timestamp
    /// The time on a clock that stops while the machine is suspended.
    var awake: Duration
  }

  /// Steps that have not been drained yet, in order.
  var waiting: [Step] = []
  /// Silences and incidents.
  var policy: AlarmPolicy
  /// Event time of the next incident step; nothing happens to incidents before.
  private(set) var incidentDue = Timestamp.latest
  /// See ``HostMonitor/attributing``.
  var attributing: ((Incident) -> [Attribution])?

  /// An empty queue.
  init(policy: AlarmPolicy) { self.policy = policy }

  /// Decides what to do with a transition, and charges its cost immediately: the next sample is
  /// judged with the resulting thresholds.
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

  /// Adds steps of one event, counts them in its incident, and charges their cost.
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
    // Only if settling takes no time.
    guard let last = made.last?.transition, last.moment >= incidentDue else { return }
    add(policy.incidents.advance(to: last.moment, of: last.event.metric))
  }

  private func charge(
    _ transition: EventTransition, table: inout MetricTable, budget: inout HostBudget
  ) -> EventStep.Charge {
    guard case .opened(let event) = transition else { return .nothing }
    switch event.cause {
    // A built-in limit or a schedule is not a guess: they are not charged to the budget for false
    // alarms.
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

  /// Adds incident steps, with the units that account for those that open; if none was known then,
  /// for those that get worse.
  private mutating func add(_ made: [IncidentTransition]) {
    for var step in made {
      if case .closed = step {
        // Units that are busy now need not be the cause.
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

  /// Recomputes when incidents have their next step; call it after they were changed.
  mutating func refreshIncidentDue() { incidentDue = policy.incidents.due ?? .latest }
}
