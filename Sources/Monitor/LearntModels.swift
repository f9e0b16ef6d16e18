package import Detection
import Events
package import Series

/// What people do to what the metrics of a monitor have learnt: freeze it, discard it, put another state
/// in its place. Events, feedback and what is owed to the alarm budget stay as they are.
package struct LearntModels {
  private let monitor: HostMonitor

  /// Those of a monitor.
  package init(_ monitor: HostMonitor) {
    self.monitor = monitor
  }

  /// Where the metric of that name is in the table.
  package func place(of name: MetricName) -> Int? { monitor.table.index(of: name) }

  /// The metrics whose whole name matches a pattern, by place in the table.
  package func matching(_ pattern: Glob) -> [Int] {
    let metrics = monitor.metrics
    return metrics.indices.filter { pattern.matches(metrics[$0].name.text) }
  }

  /// Stops learning and calibration of these metrics until ``unfreeze(_:)``. One that is warming up
  /// learns until it is warm.
  /// - Returns: those that were not frozen before.
  package func freeze(_ places: [Int]) -> [Int] {
    monitor.interruptHold()
    let changed = places.filter { monitor.table.metrics[$0].frozenSince == nil }
    for place in changed { monitor.table.metrics[place].frozenSince = monitor.now }
    return changed
  }

  /// Has these metrics learn again.
  /// - Returns: those that were frozen.
  package func unfreeze(_ places: [Int]) -> [Int] {
    monitor.interruptHold()
    let changed = places.filter { monitor.table.metrics[$0].frozenSince != nil }
    for place in changed { monitor.table.metrics[place].frozenSince = nil }
    return changed
  }

  /// Discards what these metrics have learnt: they warm up again.
  package func reset(_ places: [Int]) {
    monitor.interruptHold()
    for place in places {
      let metric = monitor.table.metrics[place]
      monitor.table.metrics[place].detector = monitor.table.detector(
        of: metric.family, named: metric.name, configuration: metric.detector.configuration)
      monitor.table.metrics[place].discardJudgements()
    }
  }

  /// Has new metrics, and those that are reset, begin with what other ones have learnt.
  package func begin(with priors: @escaping (MetricName) -> DetectorPrior?) {
    monitor.table.priors = priors
  }

  // MARK: Other states

  /// A detector that is to take the place of that of a metric.
  package struct Replacement {
    fileprivate var detector: any Detector
    fileprivate var interval: SamplingInterval
    /// The newest sample that it knows.
    fileprivate var newest: Timestamp
    /// Samples that it has learnt again.
    package fileprivate(set) var relearnt = 0
  }

  /// What a metric had learnt when it was stored.
  /// - Returns: nil where there is no metric of that name.
  package func replacement(
    of name: MetricName, from bytes: [UInt8]
  ) throws(MetricDecodingError) -> Replacement? {
    guard let place = place(of: name) else { return nil }
    let metric = monitor.table.metrics[place]
    let stored = try StoredMetric(bytes)
    guard stored.family == metric.family else { throw .otherFamily }
    guard metric.isJudged, !stored.detector.isEmpty else { throw .notJudged }
    // Nothing is stored of a metric without a sample that would be newer than any other.
    let newest = stored.newest?.timestamp ?? Timestamp(nanoseconds: .min)
    do throws(StateDecodingError) {
      return Replacement(
        detector: try metric.detector.restored(
          from: stored.detector, configuration: metric.detector.configuration),
        interval: stored.interval, newest: newest)
    } catch {
      throw .detector(error)
    }
  }

  /// Has a replacement learn the kept samples of its metric that are newer than it, up to the newest one.
  /// Of a trace there are none: its symbols are not kept.
  /// - Parameters:
  ///   - span: samples that are left out.
  ///   - isTimeUp: asked after each sample.
  /// - Returns: whether it has learnt all of them.
  package func relearn(
    _ replacement: inout Replacement, of name: MetricName, without span: Range<Timestamp>,
    until isTimeUp: () -> Bool
  ) -> Bool {
    guard let place = place(of: name), monitor.table.metrics[place].family == .values else {
      return true
    }
    let metric = monitor.table.metrics[place]
    var context = StepContext(.values)
    context.learns = metric.frozenSince == nil
    // Kept time stamps are exact to a millisecond: the newest known sample must not count as newer.
    let unknown = replacement.newest.advanced(by: .milliseconds(1))
    for sample in metric.history.samples() where sample.timestamp >= unknown {
      let last = replacement.newest
      replacement.newest = sample.timestamp
      guard !span.contains(sample.timestamp) else { continue }
      if last.nanoseconds > .min {
        _ = replacement.interval.observe(step: sample.timestamp.nanoseconds &- last.nanoseconds)
      }
      _ = replacement.detector.step(.value(sample.value), at: sample.timestamp, context, next: nil)
      replacement.relearnt += 1
      if isTimeUp() { return false }
    }
    return true
  }

  /// Puts a replacement in its place.
  /// - Returns: false where the metric is gone.
  package func install(_ replacement: Replacement, of name: MetricName) -> Bool {
    guard let place = place(of: name),
      monitor.table.metrics[place].family == replacement.detector.family
    else { return false }
    monitor.interruptHold()
    monitor.table.metrics[place].detector = replacement.detector
    monitor.table.metrics[place].interval = replacement.interval
    monitor.table.metrics[place].discardJudgements()
    return true
  }

  // MARK: Other hosts

  /// The whole state of a metric; nil where there is none of that name.
  /// - Parameter rules: what is configured about its events, for people.
  package func export(
    _ name: MetricName, rules: [String], at moment: Timestamp
  ) -> PortableModel? {
    place(of: name).map {
      PortableModel(monitor.table.metrics[$0], rules: rules, at: moment)
    }
  }

  /// Has a metric continue from an exported state; it is registered if it is new. Its open event and its
  /// share of the alarm budget stay; feedback comes along unless it has some, and counters and recent
  /// samples if it is new.
  package func adopt(
    _ model: PortableModel, as name: MetricName
  ) throws(MetricDecodingError) {
    let stored = try StoredMetric(model.state)
    monitor.interruptHold()
    if place(of: name) == nil {
      switch stored.family {
      case .values: _ = monitor.metric(named: name)
      case .symbols: _ = monitor.stream(named: name, inPlaceOf: nil)
      // Its model has to be configured here, too.
      case .rows: if monitor.isOfModel(name) { _ = monitor.id(of: name, .rows) }
      }
    }
    // The table may be full, and the metric may be ignored.
    guard let place = place(of: name) else { throw .notWatched }
    let isNew = monitor.table.metrics[place].samples == 0
    guard let replacement = try replacement(of: name, from: model.state) else { return }
    _ = install(replacement, of: name)
    if isNew { monitor.table.metrics[place].continueCounting(from: stored) }
    if monitor.table.metrics[place].feedback.entries.isEmpty {
      monitor.table.metrics[place].restore(stored.feedback)
    }
  }
}
