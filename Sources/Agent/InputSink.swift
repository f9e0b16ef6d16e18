import Series

/// Which input a metric comes from, so that two inputs never mix their samples in one metric.
final class MetricClaims {
  private var owners: [MetricName: String] = [:]

  /// Claims a metric for an input.
  /// - Returns: the input that has it: this one, or the one that was first.
  func claim(_ metric: MetricName, for input: String) -> String {
    if let owner = owners[metric] { return owner }
    owners[metric] = input
    return input
  }

  /// Gives up all that an input has claimed.
  func release(_ input: String) {
    owners = owners.filter { $0.value != input }
  }
}

/// The pipeline as one input sees it: metrics of other inputs are out of reach.
final class InputSink: SampleSink {
  private let pipeline: Pipeline
  private let claims: MetricClaims
  private let input: String
  /// The first metric that another input had already, and that input.
  private(set) var conflict: (metric: MetricName, owner: String)?

  /// A sink for the samples of `input`.
  init(pipeline: Pipeline, claims: MetricClaims, input: String) {
    self.pipeline = pipeline
    self.claims = claims
    self.input = input
  }

  func metric(named name: MetricName) -> MetricID? {
    let owner = claims.claim(name, for: input)
    guard owner == input else {
      if conflict == nil { conflict = (name, owner) }
      return Pipeline.ignored
    }
    return pipeline.metric(named: name)
  }

  func receive(_ sample: Sample, of metric: MetricID) {
    pipeline.receive(sample, of: metric)
  }
}
