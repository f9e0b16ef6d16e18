import Detection
import Events
public import Series

/// Which metrics there are.
extension HostMonitor {
  /// The metric of that name.
  public func track(named name: MetricName) -> MonitoredMetric? {
    registry.id(of: name).map { tracks[$0.index] }
  }

  /// The id of a metric, registered on first sight; nil when the table is full.
  public func metric(named name: MetricName) -> MetricID? { id(of: name, .values) }

  /// The id of a stream of events, registered on first sight; nil when the table is full.
  public func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    id(of: name, .symbols, inPlaceOf: idle)
  }

  private func id(
    of name: MetricName, _ family: Evidence.Family, inPlaceOf idle: MetricID? = nil
  ) -> MetricID? {
    guard case .watch(let configuration, let rules, let shares) = policy(name) else {
      return HostMonitor.ignored
    }
    let known = registry.id(of: name)
    if let known, tracks[known.index].family == family { return known }
    if isHolding, known != nil || idle != nil || registry.isFull { onDisplace() }
    // Also where values turn into events: what was learnt of the ones says nothing about the others.
    var place = known?.index
    if place == nil, let idle, registry.isValid(idle) { place = idle.index }
    if place == nil, registry.isFull { place = placeToTake() }
    guard let id = place.map({ registry.replace(at: $0, by: name) }) ?? registry.register(name)
    else {
      return nil
    }
    var tracker = EventTracker(
      metric: name, hostSeed: hostSeed, rules: rules,
      quietSamples: family == .symbols ? SequenceDetector.quietEvents : nil)
    if let orphan = expected.removeValue(forKey: name) { tracker.expect(orphan) }
    let track = MonitoredMetric(
      detector: scratch.detector(of: family, configuration: configuration),
      tracker: tracker,
      share: shares ? BudgetShare() : nil,
      historyCapacity: limits.history,
      heard: now
    )
    if let place {
      displace(place, by: track)
    } else {
      tracks.append(track)
    }
    return id
  }
}
