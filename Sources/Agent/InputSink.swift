package import Series

/// Which input a metric comes from, so that two inputs never mix their samples in one metric.
package final class MetricClaims {
  private var owners: [MetricName: String] = [:]

  /// No claims.
  package init() {}

  /// How many metrics are claimed.
  package var count: Int { owners.count }

  /// The input that has a metric.
  func owner(of metric: MetricName) -> String? { owners[metric] }

  /// Claims a metric for an input.
  func claim(_ metric: MetricName, for input: String) { owners[metric] = input }

  /// Gives up a metric that was forgotten.
  func release(metric: MetricName) { owners[metric] = nil }

  /// Gives up all that an input has claimed.
  func release(_ input: String) {
    owners = owners.filter { $0.value != input }
  }
}

/// The pipeline as one input sees it: metrics of other inputs are out of reach.
package final class InputSink: SampleSink {
  private let pipeline: Pipeline
  private let claims: MetricClaims
  private let input: String
  /// The first metric that another input had already, and that input.
  package private(set) var conflict: (metric: MetricName, owner: String)?

  /// A sink for the samples of `input`.
  package init(pipeline: Pipeline, claims: MetricClaims, input: String) {
    self.pipeline = pipeline
    self.claims = claims
    self.input = input
  }

  /// Changes when metrics were forgotten.
  package var epoch: Int { pipeline.epoch }

  /// The metric of that name; one of another input swallows samples.
  package func metric(named name: MetricName) -> MetricID? {
    let owner = claims.owner(of: name)
    if let owner, owner != input {
      if conflict == nil { conflict = (name, owner) }
      return Pipeline.ignored
    }
    let metric = pipeline.metric(named: name)
    // Only what is watched is claimed: of refused and ignored names there may be any number.
    if owner == nil, let metric, metric != Pipeline.ignored { claims.claim(name, for: input) }
    return metric
  }

  /// Hands a sample on.
  package func receive(_ sample: Sample, of metric: MetricID) {
    pipeline.receive(sample, of: metric)
  }
}
