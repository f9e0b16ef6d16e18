import Detection
public import Events
public import Series

/// Other settings, and another run.
extension HostMonitor {
  /// Goes on under other limits and another policy; what has been learnt stays.
  ///
  /// A limit below the number of metrics that are there takes away none of them. Metrics that are
  /// to be ignored from now on take no more samples and stay in the table until the next start.
  /// - Parameter alarmsPerDay: of the budget that metrics share; what is owed stays owed.
  /// - Returns: the metrics whose detector could not take on its new configuration, with the
  ///   reason; they go on under the old one.
  public func reconfigure(
    limits: Limits,
    alarmsPerDay: Double = HostBudget.standardAlarmsPerDay,
    policy: @escaping (MetricName) -> MetricPolicy
  ) -> [(metric: MetricName, reason: String)] {
    var refused: [(metric: MetricName, reason: String)] = []
    registry.resize(to: limits.metrics)
    roomFrom = .zero
    self.limits = limits
    self.policy = policy
    let overdraft = budget.overdraft
    budget = HostBudget(alarmsPerDay: alarmsPerDay)
    budget.resume(overdraft: overdraft)
    for index in tracks.indices {
      tracks[index].resizeHistory(to: limits.history)
      let detector = tracks[index].detector
      guard case .watch(let configuration, let rules, let shares) = policy(tracks[index].name)
      else {
        tracks[index].share = nil
        continue
      }
      tracks[index].tracker.rules = rules
      tracks[index].share = shares ? tracks[index].share ?? BudgetShare() : nil
      if let share = tracks[index].share { budget.admit(share) }
      guard configuration != detector.configuration else { continue }
      do throws(StateDecodingError) {
        tracks[index].detector = try detector.restored(
          from: detector.encode(), configuration: configuration)
        tracks[index].restore(tracks[index].feedback)
      } catch {
        refused.append((tracks[index].name, error.description))
      }
    }
    return refused
  }

  /// Takes up a metric from what its ``MonitoredMetric/encode()`` gave; before any input runs.
  /// - Returns: nil if it was restored or is ignored, else why it starts afresh.
  package func restore(_ name: MetricName, from bytes: [UInt8]) -> String? {
    guard case .watch(let configuration, let rules, let shares) = policy(name),
      registry.id(of: name) == nil
    else {
      return nil
    }
    guard registry.count < registry.capacity else {
      return "expected at most \(registry.capacity) metrics"
    }
    do throws(MetricDecodingError) {
      let track = try MonitoredMetric(
        decoding: bytes,
        name: name,
        configuration: configuration,
        sharesHostBudget: shares,
        rules: rules,
        scratch: scratch,
        hostSeed: hostSeed,
        historyCapacity: limits.history,
        heard: now,
        learningSnapshots: learningSnapshots
      )
      _ = registry.register(name)
      tracks.append(track)
      if let share = track.share { budget.admit(share) }
      return nil
    } catch {
      return error.description
    }
  }
}
