public import Series

/// One input's view of the monitor: metrics of other inputs are out of reach.
public final class InputSink: SampleSink {
  private let monitor: HostMonitor
  private let input: String
  /// The first metric already claimed by another input, and that input.
  public private(set) var conflict: (metric: MetricName, owner: String)?

  /// A sink for the samples of `input`.
  public init(_ monitor: HostMonitor, input: String) {
    self.monitor = monitor
    self.input = input
  }

  /// Changes when metrics are removed.
  public var epoch: Int { monitor.epoch }

  /// The metric of that name; samples of one claimed by another input are discarded.
  public func metric(named name: MetricName) -> MetricID? {
    claim(name) { monitor.metric(named: name) }
  }

  /// The stream of that name; trace events of one claimed by another input are discarded.
  public func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    claim(name) { monitor.stream(named: name, inPlaceOf: idle) }
  }

  private func claim(_ name: MetricName, _ ask: () -> MetricID?) -> MetricID? {
    let owner = monitor.modelSection(of: name) ?? monitor.claims.owner(of: name)
    if let owner, owner != input {
      if conflict == nil { conflict = (name, owner) }
      return HostMonitor.ignored
    }
    let metric = ask()
    // Only monitored metrics are claimed: there may be any number of refused and ignored names.
    // Checked each time, since a metric that was replaced has been released.
    if let metric, metric != HostMonitor.ignored, monitor.claims.owner(of: name) == nil {
      monitor.claims.claim(name, for: input)
    }
    return metric
  }

  /// Forwards a sample.
  public func receive(_ sample: Sample, of metric: MetricID) {
    monitor.receive(sample, of: metric)
  }

  /// Forwards a device's own limits.
  public func receive(_ limits: HardwareLimits, of metric: MetricID) {
    monitor.receive(limits, of: metric)
  }

  /// Forwards a trace event.
  public func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    monitor.receive(event: id, at: timestamp, of: stream)
  }
}
