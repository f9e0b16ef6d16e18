import Detection
public import Monitor
public import Series

/// The learnt state of one metric's detector.
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
  /// Observations that it has seen, excluding gaps.
  public var seen: Int
  /// About how long that took, at the usual interval; nil if unknown.
  public var seconds: Double?
  /// Optimiser steps.
  public var updates: Int
  /// Confidence in its forecast relative to the simpler guess, 0...1.
  public var belief: Double
  /// Mean absolute error of the forecast, in the metric's unit; nil for a trace.
  public var error: Double?
  /// How much smaller that is than the last value's, as a share; nil for a trace.
  public var skill: Double?
  /// Memory that it takes.
  public var bytes: Int
  /// Since when it has been frozen; nil if it learns.
  public var frozenSince: Timestamp?
  /// For a trained model, its kind and origin.
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

/// A user's operation on the models of some metrics.
public enum ModelChange: Sendable {
  /// They stop learning.
  case freeze
  /// They learn again.
  case unfreeze
  /// They discard their learnt state.
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
  /// Maximum number of names in a reply.
  public static let mostNames = 1_000

  /// The changed metrics, at most ``mostNames``.
  public var metrics: [String]
  /// Number of changed metrics.
  public var changed: Int
  /// Number of matching metrics that were already in that state.
  public var unchanged: Int
  /// How many of the changed ones are warming up; a frozen one keeps learning until it is warm.
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
