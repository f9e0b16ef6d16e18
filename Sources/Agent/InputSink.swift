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

/// The pipeline as one input sees it: names may get a prefix, and metrics of other inputs are out
/// of reach.
final class InputSink: SampleSink {
  private let pipeline: Pipeline
  private let claims: MetricClaims
  private let input: String
  private let prefix: String
  /// The first metric that another input had already, and that input; taken once.
  private(set) var conflict: (metric: MetricName, owner: String)?

  /// A sink for the samples of `input`.
  /// - Parameter prefix: what stands before each name and a dot; empty for nothing.
  init(pipeline: Pipeline, claims: MetricClaims, input: String, prefix: String) {
    self.pipeline = pipeline
    self.claims = claims
    self.input = input
    self.prefix = prefix
  }

  func metric(named name: MetricName) -> MetricID? {
    let full = prefix.isEmpty ? name : MetricName(sanitizing: prefix + "." + name.text)
    let owner = claims.claim(full, for: input)
    guard owner == input else {
      if conflict == nil { conflict = (full, owner) }
      return Pipeline.ignored
    }
    return pipeline.metric(named: full)
  }

  func receive(_ sample: Sample, of metric: MetricID) {
    pipeline.receive(sample, of: metric)
  }
}
