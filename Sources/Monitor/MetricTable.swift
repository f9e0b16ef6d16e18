import Detection
import Events
import Models
import Series

/// Removals of metrics from the table since the start.
public struct AgeingFacts: Equatable, Sendable {
  /// Metrics removed because they had no sample for `ForgetAfter=`.
  public internal(set) var forgotten = 0
  /// Metrics displaced by new ones in a full table.
  public internal(set) var displaced = 0
  /// Samples dropped because their metric had just been removed.
  public internal(set) var strays = 0
}

/// The metrics of a host, by name and by dense id, up to a limit.
///
/// Metrics of inputs that were removed and of devices that are gone leave the table: after
/// `ForgetAfter=` without a sample, or earlier if the table is full and a new metric needs the
/// slot. Measured on a clock that stops while the machine is suspended, and only while the daemon
/// runs: neither a changed clock nor a long shutdown removes metrics.
struct MetricTable {
  /// A metric with a sample within this time cannot be displaced.
  static let leastAge = Duration.seconds(3600)

  /// In order of registration, until one is removed: then the last one takes its place.
  var metrics: [MonitoredMetric] = []
  var ageing = AgeingFacts()
  /// Open events of metrics that have not been seen yet.
  var expected: [MetricName: Event] = [:]
  private(set) var limits: HostMonitor.Limits
  private(set) var policy: (MetricName) -> MetricPolicy
  let hostSeed: UInt64
  let scratch = DetectorScratch()
  /// The models of the metrics that are model scores.
  var loaded: [MetricName: LoadedModel] = [:]
  /// The priors that new metrics start from.
  var priors: (MetricName) -> DetectorPrior? = { _ in nil }
  let snapshots = LearningSnapshotAccount()
  private(set) var registry: MetricRegistry
  /// No metric can be displaced before this time.
  private var displaceableFrom = Duration.zero

  init(
    limits: HostMonitor.Limits, hostSeed: UInt64, policy: @escaping (MetricName) -> MetricPolicy
  ) {
    self.limits = limits
    self.hostSeed = hostSeed
    self.policy = policy
    registry = MetricRegistry(capacity: limits.metrics)
  }

  /// The metric of that name.
  subscript(name: MetricName) -> MonitoredMetric? { index(of: name).map { metrics[$0] } }

  func index(of name: MetricName) -> Int? { registry.id(of: name)?.index }

  /// Until when the metric of an open event can be assumed to be anomalous, see
  /// ``IncidentTracker``: a few intervals beyond its newest sample. A name that is not a metric is
  /// a stalled input.
  func lastSeen(_ metric: MetricName, at now: Timestamp) -> Timestamp? {
    guard let index = index(of: metric) else { return now }
    let interval = metrics[index].usualInterval ?? .zero
    return metrics[index].newest?.timestamp.advanced(by: interval * 3)
  }

  /// Charges an alarm of a metric that has a share of a budget.
  /// - Parameter beginsIncident: it is the first event of its incident that counts.
  mutating func charge(
    _ metric: MetricName, beginsIncident: Bool, to budget: inout HostBudget
  ) -> EventStep.Charge {
    guard let index = index(of: metric), var share = metrics[index].share else { return .nothing }
    budget.spend(&share, beginsIncident: beginsIncident)
    metrics[index].share = share
    return beginsIncident ? .host : .share
  }

  /// Whether a new metric could only displace another.
  var isFull: Bool { registry.isFull }

  /// A detector in its initial state.
  func detector(
    of family: Evidence.Family, named name: MetricName, configuration: DetectorConfiguration
  ) -> any Detector {
    if family == .rows, configuration.judges, let model = loaded[name] {
      return ModelDetector(model, configuration: configuration)
    }
    return scratch.detector(
      of: family, configuration: configuration, prior: family == .values ? priors(name) : nil)
  }

  // MARK: Registration

  /// The index for a new metric if not at the end: that of one with the same name and another
  /// family, since what was learnt about values says nothing about a trace; of an idle stream; or,
  /// in a full table, of the metric without samples for longest.
  mutating func place(for name: MetricName, inPlaceOf idle: MetricID?, at awake: Duration) -> Int? {
    if let known = index(of: name) { return known }
    if let idle, registry.isValid(idle) { return idle.index }
    return isFull ? displaceable(at: awake) : nil
  }

  /// Registers a metric at the end, or in place of another one.
  /// - Returns: its id, and the metric that it replaces; nil in a full table.
  mutating func register(
    _ name: MetricName, at place: Int?, family: Evidence.Family,
    configuration: DetectorConfiguration, rules: EventRules, sharesHostBudget: Bool, awake: Duration
  ) -> (id: MetricID, replaced: MonitoredMetric?)? {
    guard
      let id = place.map({ registry.replace(at: $0, by: name) }) ?? registry.register(name)
    else { return nil }
    var tracker = EventTracker(
      metric: name, hostSeed: hostSeed, rules: rules,
      quietSamples: family == .symbols ? SequenceDetector.quietEvents : nil)
    if let event = expected.removeValue(forKey: name) { tracker.expect(event) }
    let metric = MonitoredMetric(
      detector: detector(of: family, named: name, configuration: configuration),
      tracker: tracker,
      share: sharesHostBudget ? BudgetShare() : nil,
      historyCapacity: limits.history,
      heard: awake
    )
    guard let place else {
      metrics.append(metric)
      return (id, nil)
    }
    let replaced = metrics[place]
    metrics[place] = metric
    ageing.displaced += 1
    return (id, replaced)
  }

  /// The metric without samples for longest, if for at least an hour and without an open event.
  private mutating func displaceable(at awake: Duration) -> Int? {
    guard awake >= displaceableFrom else { return nil }
    var oldest: (index: Int, heard: Duration)?
    for index in metrics.indices where oldest.map({ metrics[index].heard < $0.heard }) ?? true {
      if metrics[index].openEvent == nil { oldest = (index, metrics[index].heard) }
    }
    // Samples only postpone that time, so there is no need to look before it.
    let due = (oldest?.heard ?? awake) + MetricTable.leastAge
    guard let oldest, awake >= due else {
      displaceableFrom = due
      return nil
    }
    return oldest.index
  }

  // MARK: Removal

  /// The metrics without a sample for `limit`, in descending order of index.
  func silent(for limit: Duration, at awake: Duration) -> [Int] {
    metrics.indices.reversed().filter { awake - metrics[$0].heard >= limit }
  }

  /// Removes a metric; the last one moves to its index.
  mutating func remove(at index: Int) {
    registry.remove(at: index)
    metrics.swapAt(index, metrics.count - 1)
    metrics.removeLast()
    ageing.forgotten += 1
  }

  // MARK: Configuration and state

  /// Continues with other limits and another policy. A limit below the number of metrics removes
  /// none of them; newly ignored metrics accept no more samples and stay until the next start.
  /// - Returns: the metrics whose detector cannot adopt its new configuration and keeps the old one.
  mutating func reconfigure(
    limits: HostMonitor.Limits, policy: @escaping (MetricName) -> MetricPolicy
  ) -> [(metric: MetricName, reason: String)] {
    registry.resize(to: limits.metrics)
    displaceableFrom = .zero
    self.limits = limits
    self.policy = policy
    var refused: [(metric: MetricName, reason: String)] = []
    for index in metrics.indices {
      metrics[index].resizeHistory(to: limits.history)
      guard case .watch(let configuration, let rules, let shares) = policy(metrics[index].name)
      else {
        metrics[index].share = nil
        continue
      }
      metrics[index].tracker.rules = rules
      metrics[index].share = shares ? metrics[index].share ?? BudgetShare() : nil
      let detector = metrics[index].detector
      guard configuration != detector.configuration else { continue }
      guard configuration.judges == detector.configuration.judges else {
        metrics[index].detector = self.detector(
          of: detector.family, named: metrics[index].name, configuration: configuration)
        metrics[index].kept = nil
        continue
      }
      do throws(StateDecodingError) {
        metrics[index].detector = try detector.restored(
          from: detector.encode(), configuration: configuration)
        metrics[index].restore(metrics[index].feedback)
      } catch {
        refused.append((metrics[index].name, error.description))
      }
    }
    return refused
  }

  /// Restores a metric from the result of ``MonitoredMetric/encode()``.
  /// - Returns: nil if it was restored or is ignored, otherwise why it starts afresh.
  mutating func restore(_ name: MetricName, from bytes: [UInt8], at awake: Duration) -> String? {
    guard case .watch(let configuration, let rules, let shares) = policy(name),
      index(of: name) == nil
    else { return nil }
    guard registry.count < registry.capacity else {
      return "expected at most \(registry.capacity) metrics"
    }
    do throws(MetricDecodingError) {
      let stored = try StoredMetric(bytes)
      // The score of a model that is no longer configured.
      if stored.family == .rows, loaded[name] == nil { return nil }
      // An input's metric whose name is now used by a model.
      if stored.family != .rows, loaded[name] != nil { return nil }
      let metric = try MonitoredMetric(
        stored, name: name, configuration: configuration, sharesHostBudget: shares, rules: rules,
        fresh: detector(of: stored.family, named: name, configuration: configuration),
        hostSeed: hostSeed, historyCapacity: limits.history,
        heard: awake, learningSnapshots: snapshots)
      _ = registry.register(name)
      metrics.append(metric)
      return nil
    } catch {
      return error.description
    }
  }
}
