package import Detection
import Events
package import Series

/// User operations on the learnt state of a monitor's metrics: freeze it, discard it, replace it.
/// Events, feedback and budget debt are not affected.
package struct LearntModels {
  private let monitor: HostMonitor

  /// The models of a monitor.
  package init(_ monitor: HostMonitor) {
    self.monitor = monitor
  }

  /// The index in the table of the metric with that name.
  package func place(of name: MetricName) -> Int? { monitor.table.index(of: name) }

  /// The metrics whose whole name matches a pattern, by index in the table.
  package func matching(_ pattern: Glob) -> [Int] {
    let metrics = monitor.metrics
    return metrics.indices.filter { pattern.matches(metrics[$0].name.text) }
  }

  /// Stops learning and calibration of these metrics until ``unfreeze(_:)``. One that is warming up
  /// keeps learning until it is warm.
  /// - Returns: those that were not frozen before.
  package func freeze(_ places: [Int]) -> [Int] {
    monitor.interruptHold()
    let changed = places.filter { monitor.table.metrics[$0].frozenSince == nil }
    for place in changed { monitor.table.metrics[place].frozenSince = monitor.now }
    return changed
  }

  /// Lets these metrics learn again.
  /// - Returns: those that were frozen.
  package func unfreeze(_ places: [Int]) -> [Int] {
    monitor.interruptHold()
    let changed = places.filter { monitor.table.metrics[$0].frozenSince != nil }
    for place in changed { monitor.table.metrics[place].frozenSince = nil }
    return changed
  }

  /// Discards the learnt state of these metrics: they warm up again.
  package func reset(_ places: [Int]) {
    monitor.interruptHold()
    for place in places {
      let metric = monitor.table.metrics[place]
      monitor.table.metrics[place].detector = monitor.table.detector(
        of: metric.family, named: metric.name, configuration: metric.detector.configuration)
      monitor.table.metrics[place].discardJudgements()
    }
  }

  /// Starts new and reset metrics from what other metrics have learnt.
  package func begin(with priors: @escaping (MetricName) -> DetectorPrior?) {
    monitor.table.priors = priors
  }

  // MARK: Other states

  /// A detector that will replace that of a metric.
  package struct Replacement {
    fileprivate var detector: any Detector
    fileprivate var interval: SamplingInterval
    /// The newest sample that it has seen.
    fileprivate var newest: Timestamp
    /// Number of samples that it has relearnt.
    package fileprivate(set) var relearnt = 0
  }

  /// The state of a metric when it was stored.
  /// - Returns: nil if there is no metric of that name.
  package func replacement(
    of name: MetricName, from bytes: [UInt8]
  ) throws(MetricDecodingError) -> Replacement? {
    guard let place = place(of: name) else { return nil }
    let metric = monitor.table.metrics[place]
    let stored = try StoredMetric(bytes)
    guard stored.family == metric.family else { throw .otherFamily }
    guard metric.isJudged, !stored.detector.isEmpty else { throw .notJudged }
    // The state of a metric without samples has no newest sample.
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

  /// Relearns the kept samples of the metric that are newer than the replacement, up to the newest
  /// one. A trace has none: its symbols are not kept.
  /// - Parameters:
  ///   - span: samples that are left out.
  ///   - isTimeUp: called after each sample.
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
    // Kept time stamps are exact to a millisecond: the newest sample already seen must not count as
    // newer.
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

  /// Installs a replacement.
  /// - Returns: false if the metric is gone.
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

  /// The whole state of a metric; nil if there is none of that name.
  /// - Parameter rules: its configured event rules, for people.
  package func export(
    _ name: MetricName, rules: [String], at moment: Timestamp
  ) -> PortableModel? {
    place(of: name).map {
      PortableModel(monitor.table.metrics[$0], rules: rules, at: moment)
    }
  }

  /// Continues a metric from an exported state; registers it if it is new. Its open event and its
  /// share of the alarm budget are preserved; feedback is imported if it has none, counters and
  /// recent samples if it is new.
  package func adopt(
    _ model: PortableModel, as name: MetricName
  ) throws(MetricDecodingError) {
    let stored = try StoredMetric(model.state)
    monitor.interruptHold()
    if place(of: name) == nil {
      switch stored.family {
      case .values: _ = monitor.metric(named: name)
      case .symbols: _ = monitor.stream(named: name, inPlaceOf: nil)
      // Its model must be configured on this host, too.
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
