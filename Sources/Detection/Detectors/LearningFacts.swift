/// A detector's learnt state, in numbers that people can compare.
public struct LearningFacts: Equatable, Sendable {
  /// Observations judged, excluding gaps.
  public var seen: Int
  /// Optimiser steps that have changed the network.
  public var updates: Int
  /// Confidence in the forecast relative to the simpler guess (the last value, or the pair counts
  /// of a trace), 0...1.
  public var belief: Double
  /// Mean absolute error of the forecast over some 500 samples, in the metric's unit; nil for a trace,
  /// and before the first forecast.
  public var forecastError: Double?
  /// The same for the last value.
  public var lastValueError: Double?
  /// Mean of the metric; nil for a trace, and before the first forecast.
  public var mean: Double?
  /// Its standard deviation.
  public var deviation: Double?
  /// Number of different symbols of a trace; nil for values.
  public var symbols: Int?
  /// The network's weights.
  public var weights: [Float]
  /// The usual size of each kind of evidence, by lane of the family.
  public var usualEvidence: [Float]

  package init(
    seen: Int, updates: Int, belief: Double, weights: [Float], usualEvidence: [Float]
  ) {
    self.seen = seen
    self.updates = updates
    self.belief = belief
    self.weights = weights
    self.usualEvidence = usualEvidence
  }

  /// How much smaller the forecast's error is than that of the last value, as a share; negative if
  /// it is larger; nil if there is no forecast of values, or the metric does not move.
  public var skill: Double? {
    guard let forecastError, let lastValueError, lastValueError > 0 else { return nil }
    return 1 - forecastError / lastValueError
  }
}
