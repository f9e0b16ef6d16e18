import Detection
public import Monitor
public import Series

/// What the detector of one metric has learnt.
public struct ModelSummary: Codable, Equatable, Sendable {
  /// What a model judges.
  public enum Kind: String, Codable, Sendable {
    /// The values of a metric.
    case values
    /// The symbols of a trace.
    case symbols
    /// Rows of several metrics.
    case rows
  }

  /// The metric.
  public var name: String
  /// What it judges.
  public var kind: Kind
  /// The state of the metric.
  public var state: MetricState
  /// Observations that it has seen, gaps left out.
  public var seen: Int
  /// About how long that took, at the usual interval; nil where that is not known.
  public var seconds: Double?
  /// Steps of the optimiser.
  public var updates: Int
  /// How much its forecast is believed beside the simpler guess, 0...1.
  public var belief: Double
  /// Mean absolute error of the forecast, in the metric's unit; nil for a trace.
  public var error: Double?
  /// How much smaller that is than the last value's, as a share; nil for a trace.
  public var skill: Double?
  /// Memory that it takes.
  public var bytes: Int
  /// Since when it does not learn; nil: it learns.
  public var frozenSince: Timestamp?
  /// Of a trained model, what it is and where it comes from.
  public var trained: String?

  /// That of a metric.
  public init(_ metric: MonitoredMetric) {
    let facts = metric.learning
    name = metric.name.text
    kind =
      switch metric.family {
      case .values: .values
      case .symbols: .symbols
      case .rows: .rows
      }
    state = metric.state
    seen = facts.seen
    seconds = metric.usualInterval.map { $0.inSeconds * Double(facts.seen) }?.ifFinite
    updates = facts.updates
    belief = facts.belief.ifFinite ?? 0
    error = facts.forecastError?.ifFinite
    skill = facts.skill?.ifFinite
    bytes = metric.byteCount
    frozenSince = metric.frozenSince
  }
}

/// A page of a list of models.
public struct ModelPage: Equatable, Sendable {
  /// The models, at most as many as requested.
  public var models: [ModelSummary]
  /// Where the next page begins; nil after the last one.
  public var next: Int?

  /// A page.
  public init(models: [ModelSummary], next: Int?) {
    self.models = models
    self.next = next
  }
}

/// What a user does to the models of some metrics.
public enum ModelChange: Sendable {
  /// They stop learning.
  case freeze
  /// They learn again.
  case unfreeze
  /// They discard what they have learnt.
  case reset
}

/// The metrics whose models are to be changed: the parameters of `FreezeModels`, `UnfreezeModels` and
/// `ResetModels`.
public struct ModelChangeRequest: Codable, Equatable, Sendable {
  /// Names, or shell patterns for whole names; at least one.
  public var metrics: [String]

  /// Names or patterns.
  public init(metrics: [String]) {
    self.metrics = metrics
  }
}

extension ModelChangeRequest: CallParameters {
  static let names: Set = ["metrics"]
}

/// What has changed.
public struct ModelChangeReply: Codable, Equatable, Sendable {
  /// The most names in a reply.
  public static let mostNames = 1_000

  /// The changed metrics, at most ``mostNames``.
  public var metrics: [String]
  /// How many have changed.
  public var changed: Int
  /// How many match and were so before.
  public var unchanged: Int
  /// How many of the changed ones are warming up; a frozen one learns until it is warm.
  public var warming: Int

  /// What has changed.
  public init(metrics: [String], changed: Int, unchanged: Int, warming: Int) {
    self.metrics = metrics
    self.changed = changed
    self.unchanged = unchanged
    self.warming = warming
  }
}

struct ListModelsParameters: CallParameters {
  static let names: Set = ["pattern"]
  var pattern: String?
}

struct ModelsReply: Codable {
  var models: [ModelSummary]
}
