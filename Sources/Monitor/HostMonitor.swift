import Calendar
import Detection
public import Events
public import Series

/// The decision core: turns samples and trace events of one host into the steps of its events.
///
/// Pure: it has no clock, descriptors or user-visible text. The caller sets the time, delivers
/// samples, and drains the resulting ``Step``s. The daemon does so live, a replay with recordings.
public final class HostMonitor: SampleSink {
  /// The limits of a monitor.
  public struct Limits: Equatable, Sendable {
    /// Maximum number of metrics, >= 1.
    public var metrics: Int
    /// Recent samples kept per metric, >= 1.
    public var history: Int
    /// Maximum number of bytes kept to undo learning in silences, >= 0.
    public var silenceBytes = 64 << 20
    /// A metric without a sample for this long is removed; nil: never.
    public var forgetAfter: Duration?
    /// When outputs are notified of incidents.
    public var incidents = IncidentTiming()

    /// These limits.
    public init(metrics: Int, history: Int) {
      self.metrics = metrics
      self.history = history
    }
  }

  /// Samples received since the start, without those of ignored metrics.
  public private(set) var samples = 0
  /// The alarm budget shared by the metrics that have none of their own.
  public internal(set) var budget: HostBudget
  /// Steps that have not been drained yet, in order.
  public var steps: [Step] { queue.waiting }
  /// The time of day, as set by the caller.
  public private(set) var now = Timestamp(nanoseconds: 0)
  /// The time, as set by the caller, on a clock that stops while the machine is suspended.
  public private(set) var awake = Duration.zero
  /// Whether samples are queued, see ``hold()``.
  public private(set) var isHolding = false
  /// Looks up the units that account for an incident at its opening, so that they are part of the
  /// notification. Not set in a replay.
  public var attributing: ((Incident) -> [Attribution])? {
    get { queue.attributing }
    set { queue.attributing = newValue }
  }

  var table: MetricTable
  var queue: StepQueue
  var stalls = StallBook()
  var claims = MetricClaims()
  var models = ModelBook()
  /// Events that were open when an earlier run was killed and that are unknown to any detector.
  var orphans: [Event] = []
  /// The inputs of metrics with an open event, as in the restored checkpoint.
  var formerOwners: [MetricName: String] = [:]
  /// When the events of the earlier run were restored.
  var orphansSince = Timestamp(nanoseconds: 0)
  var gaps = GapSummary()
  private var held = HeldSamples()
  private var wasInterrupted = false
  private var taps: [any SampleObserver] = []
  private var forgetNext = Duration.zero
  /// The id under which samples are discarded, so that an input need not know about
  /// ``MetricPolicy/ignore``.
  static let ignored = MetricID(index: -1)

  /// A monitor without metrics.
  /// - Parameters:
  ///   - hostSeed: distinguishes hosts in event ids.
  ///   - alarmsPerDay: shared by the metrics that have no budget of their own, > 0.
  ///   - silences: the silences in force.
  ///   - policy: decides on each new metric.
  package init(
    limits: Limits,
    hostSeed: UInt64,
    alarmsPerDay: Double = HostBudget.standardAlarmsPerDay,
    silences: SilenceBook = SilenceBook(local: .utc),
    policy: @escaping (MetricName) -> MetricPolicy
  ) {
    table = MetricTable(limits: limits, hostSeed: hostSeed, policy: policy)
    budget = HostBudget(alarmsPerDay: alarmsPerDay)
    queue = StepQueue(policy: AlarmPolicy(silences: silences))
    queue.policy.incidents.timing = limits.incidents
  }

  /// Sets both clocks; call it before processing anything that happens at that time.
  public func setTime(_ now: Timestamp, awake: Duration) {
    self.now = now
    self.awake = awake
  }

  // MARK: Samples

  /// Processes one sample of a metric. Does not allocate unless an event changes.
  public func receive(_ sample: Sample, of metric: MetricID) {
    guard isKnown(metric) else { return }
    guard !isHolding else { return held.append(sample, of: metric) }
    enterSilence(metric, at: sample.timestamp)
    if sample.timestamp >= queue.incidentDue {
      advanceIncidents(to: sample.timestamp, metric.index)
    }
    // Inputs deliver their metrics in the order in which they were registered.
    let place = metric.index + 1
    let next = place < table.metrics.count ? table.metrics[place].detector : nil
    finish(
      table.metrics[metric.index].advance(
        .value(sample.value), at: sample.timestamp, budget: &budget, next: next),
      of: metric)
  }

  /// Adopts the limits of the device that a metric measures.
  public func receive(_ limits: HardwareLimits, of metric: MetricID) {
    guard table.registry.isValid(metric) else { return }
    table.metrics[metric.index].tracker.adopt(limits)
  }

  /// Processes one event of a trace.
  public func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    guard isKnown(stream) else { return }
    guard !isHolding else { return held.append(event: id, at: timestamp, of: stream) }
    enterSilence(stream, at: timestamp)
    if timestamp >= queue.incidentDue { advanceIncidents(to: timestamp, stream.index) }
    finish(
      table.metrics[stream.index].advance(.symbol(id), at: timestamp, budget: &budget), of: stream)
  }

  /// Whether the metric still exists; if not, its input registers it again.
  private func isKnown(_ metric: MetricID) -> Bool {
    if table.registry.isValid(metric) { return true }
    if metric != HostMonitor.ignored { table.ageing.strays += 1 }
    return false
  }

  /// Looks up the silences if they may differ from those at the newest sample.
  private func enterSilence(_ metric: MetricID, at timestamp: Timestamp) {
    let moment = timestamp.nanoseconds
    let silence = table.metrics[metric.index].silence
    if moment < silence.from || moment >= silence.until { enter(metric.index, at: timestamp) }
  }

  private func finish(_ outcome: MonitoredMetric.Outcome, of metric: MetricID) {
    table.metrics[metric.index].heard = awake
    samples += 1
    if !taps.isEmpty, let sample = table.metrics[metric.index].newest {
      for tap in taps { tap.note(sample, of: table.metrics[metric.index], at: metric.index) }
    }
    if let gap = outcome.silence { gaps.add(gap, of: table.metrics[metric.index].name) }
    for transition in outcome.transitions { emit(transition) }
    if !models.isEmpty { feedModels(metric) }
  }

  /// Judges a row of a model.
  func judgeRow(_ row: [Double], at timestamp: Timestamp, of model: MetricID) {
    enterSilence(model, at: timestamp)
    if timestamp >= queue.incidentDue { advanceIncidents(to: timestamp, model.index) }
    finish(
      table.metrics[model.index].advance(.row(row.span), at: timestamp, budget: &budget), of: model)
  }

  /// Adds an observer of every sample.
  public func attach(_ tap: any SampleObserver) { taps.append(tap) }

  /// Removes an observer.
  public func detach(_ tap: any SampleObserver) { taps.removeAll { $0 === tap } }

  // MARK: Steps

  /// Returns the steps since the last call and empties the list.
  public func takeSteps() -> [Step] {
    guard !queue.waiting.isEmpty else { return [] }
    defer { queue.waiting = [] }
    return queue.waiting
  }

  /// Queues the steps that result from a transition, and charges their cost.
  func emit(_ transition: EventTransition) {
    queue.add(transition, at: moment, table: &table, budget: &budget)
    if case .closed(let event) = transition, !orphans.isEmpty {
      orphans.removeAll { $0.id == event.id }
    }
  }

  private var moment: StepQueue.Moment { StepQueue.Moment(now: now, awake: awake) }

  /// Takes the steps of incidents that are due with a sample of a metric, before the sample.
  private func advanceIncidents(to moment: Timestamp, _ index: Int) {
    guard table.metrics[index].tracker.hasEvent else { return }
    queue.advanceIncidents(to: moment, of: table.metrics[index].name)
  }

  /// The incident steps that would follow if nothing further happened: at the end of recordings.
  package func settleIncidents() -> [IncidentTransition] { queue.policy.incidents.settle() }

  // MARK: Metrics

  /// The id of a metric, registered on first sight; nil when the table is full.
  public func metric(named name: MetricName) -> MetricID? { id(of: name, .values) }

  /// The id of a stream of trace events, registered on first sight; nil when the table is full.
  public func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    id(of: name, .symbols, inPlaceOf: idle)
  }

  func id(
    of name: MetricName, _ family: Evidence.Family, inPlaceOf idle: MetricID? = nil
  ) -> MetricID? {
    guard case .watch(let configuration, let rules, let shares) = table.policy(name),
      family == .rows || !isOfModel(name)
    else { return HostMonitor.ignored }
    let known = table.registry.id(of: name)
    if let known, table.metrics[known.index].family == family { return known }
    if known != nil || idle != nil || table.isFull { interruptHold() }
    let place = table.place(for: name, inPlaceOf: idle, at: awake)
    // Before it is replaced, so that its event can be closed with its own data.
    if let place { leave(place, at: table.metrics[place].newest?.timestamp) }
    guard
      let (id, replaced) = table.register(
        name, at: place, family: family, configuration: configuration, rules: rules,
        sharesHostBudget: shares, awake: awake)
    else { return nil }
    if let replaced { claims.release(replaced.name) }
    return id
  }

  /// Closes the open event of a metric for a reason other than that the metric is normal again: at
  /// its newest sample, as time stamps need not be near the present.
  func close(_ index: Int, because ending: EventEnding) {
    let moment = table.metrics[index].newest?.timestamp ?? now
    if let closed = table.metrics[index].tracker.close(at: moment, because: ending) { emit(closed) }
  }

  /// Closes the event of a metric that is about to be removed or replaced, and releases its share
  /// of the budget.
  private func leave(_ index: Int, at moment: Timestamp?) {
    let moment = moment ?? Timestamp(nanoseconds: .min)
    if let closed = table.metrics[index].tracker.close(at: moment, because: .forgotten) {
      emit(closed)
    }
    if let share = table.metrics[index].share { budget.release(share) }
    for tap in taps { tap.forget(index) }
    models.forgetPlaces()
  }

  /// Removes the metric of a model that is no longer attached.
  func remove(modelMetric name: MetricName) {
    guard let index = table.index(of: name) else { return }
    if table.metrics[index].tracker.isOpen { close(index, because: .inputGone) }
    remove(index)
  }

  private func remove(_ index: Int) {
    leave(index, at: now)
    let last = table.metrics.count - 1
    for tap in taps { tap.forget(last) }
    claims.release(table.metrics[index].name)
    table.remove(at: index)
  }

  /// Removes metrics without a sample for longer than the limit, and closes events of metrics that
  /// no longer deliver; at most once a minute.
  private func forgetMetrics() {
    guard awake >= forgetNext, !isHolding else { return }
    forgetNext = awake + .seconds(60)
    for index in table.metrics.indices
    where table.metrics[index].tracker.isOpen && table.metrics[index].isGone(at: awake) {
      close(index, because: .forgotten)
    }
    guard let limit = table.limits.forgetAfter else { return }
    for index in table.silent(for: limit, at: awake) { remove(index) }
  }

  // MARK: Housekeeping

  /// Time-driven work, once a second: muted events whose silence has ended, stalls, metrics to be
  /// removed, events of earlier runs that did not return, steps of incidents whose metrics have no
  /// further sample.
  public func keepHouse() {
    abandonOrphans()
    notifyUnmuted()
    for transition in stalls.check(at: now, awake: awake) { emit(transition) }
    forgetMetrics()
    if !isHolding { queue.advanceOverdueIncidents(awake: awake) }
  }

  /// Notifies outputs of events whose silence has ended while they are open.
  private func notifyUnmuted() {
    guard !queue.policy.muted.isEmpty, !isHolding else { return }
    for event in openEvents where queue.policy.muted.silence(of: event) != nil {
      let metric = table[event.metric]
      // If learning is undone, the detector decides at its next sample whether the event continues.
      guard metric?.kept == nil else { continue }
      let moments = [now, metric?.newest?.timestamp].compactMap(\.self)
      guard queue.policy.silence(of: event.metric, at: moments) == nil else { continue }
      queue.addUnmuted(event, at: moment, table: &table, budget: &budget)
    }
  }

  // MARK: Holding

  /// Whether too many samples are waiting for inputs to be polled.
  public var isFull: Bool { isHolding && held.isFull }

  /// Queues samples from now on, in order, so that a checkpoint captures one instant without a
  /// second copy of all models. Saved state does not change until ``catchUp(until:)`` or an
  /// interruption.
  public func hold() {
    precondition(!isHolding, "samples are held once")
    isHolding = true
    held.reserve(table.metrics.count)
  }

  /// Processes queued samples until all are processed or time is up; those that arrive meanwhile
  /// are queued behind them.
  /// - Parameter isOver: whether time is up; called once every dozen samples.
  /// - Returns: whether none is left, so that samples are no longer held.
  public func catchUp(until isOver: () -> Bool) -> Bool {
    isHolding = false
    while held.count > 0 {
      // In dozens, as reading the clock costs a hundredth of a sample.
      for _ in 0..<min(12, held.count) {
        let entry = held.takeFirst()
        if entry.idBytes == 0 {
          receive(Sample(timestamp: entry.timestamp, value: entry.value), of: entry.metric)
        } else {
          let id = held.takeID(of: entry)
          receive(event: id.span, at: entry.timestamp, of: entry.metric)
        }
      }
      guard held.count == 0 || !isOver() else {
        isHolding = true
        return false
      }
    }
    held.removeAll()
    return true
  }

  /// Stops holding immediately, for any change of metrics other than a sample; a checkpoint that is
  /// being encoded must then be abandoned.
  public func interruptHold() {
    guard isHolding else { return }
    wasInterrupted = true
    _ = catchUp(until: { false })
  }

  /// Whether holding was interrupted since the last call.
  public func takeInterruption() -> Bool {
    defer { wasInterrupted = false }
    return wasInterrupted
  }
}
