package import Series

/// Which input a metric comes from, so that two inputs never mix their samples in one metric.
package final class MetricClaims {
  private var owners: [MetricName: String] = [:]

  /// No claims.
  package init() {}

  /// How many metrics are claimed.
  package var count: Int { owners.count }

  /// The input that has a metric.
  package func owner(of metric: MetricName) -> String? { owners[metric] }

  /// Claims a metric for an input.
  package func claim(_ metric: MetricName, for input: String) { owners[metric] = input }

  /// Gives up a metric that was forgotten.
  package func release(metric: MetricName) { owners[metric] = nil }

  /// Gives up all that an input has claimed.
  package func release(_ input: String) {
    owners = owners.filter { $0.value != input }
  }
}

/// The pipeline as one input sees it: metrics of other inputs are out of reach.
package final class InputSink: SampleSink {
  private let pipeline: HostMonitor
  private let claims: MetricClaims
  private let input: String
  /// The first metric that another input had already, and that input.
  package private(set) var conflict: (metric: MetricName, owner: String)?

  /// A sink for the samples of `input`.
  package init(pipeline: HostMonitor, claims: MetricClaims, input: String) {
    self.pipeline = pipeline
    self.claims = claims
    self.input = input
  }

  /// Changes when metrics were forgotten.
  package var epoch: Int { pipeline.epoch }

  /// The metric of that name; one of another input swallows samples.
  package func metric(named name: MetricName) -> MetricID? {
    claim(name) { pipeline.metric(named: name) }
  }

  /// The stream of that name; one of another input swallows events.
  package func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    claim(name) { pipeline.stream(named: name, inPlaceOf: idle) }
  }

  private func claim(_ name: MetricName, _ ask: () -> MetricID?) -> MetricID? {
    let owner = claims.owner(of: name)
    if let owner, owner != input {
      if conflict == nil { conflict = (name, owner) }
      return HostMonitor.ignored
    }
    let metric = ask()
    // Only what is watched is claimed: of refused and ignored names there may be any number.
    if let metric, metric != HostMonitor.ignored, claims.owner(of: name) == nil {
      claims.claim(name, for: input)
    }
    return metric
  }

  /// Hands a sample on.
  package func receive(_ sample: Sample, of metric: MetricID) {
    pipeline.receive(sample, of: metric)
  }

  /// Hands an event on.
  package func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    pipeline.receive(event: id, at: timestamp, of: stream)
  }
}
