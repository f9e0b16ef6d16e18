import Series

/// One sample, as sources of evidence see it.
struct ValueInput {
  /// The sample against what was forecast for it.
  struct Forecast {
    /// Distance from the forecast for the sample, in the metric's unit.
    var error: Double
    /// The sample on the z scale.
    var scaled: Float
    /// What was forecast ``Forecaster/longestHorizon`` samples ago, once there is such a forecast.
    var far: Forecaster.Forecast?
  }

  let sample: Sample
  /// The value less the metric's first one, so that float32 is fine enough for what does not move far
  /// from a large value.
  let x: Double
  /// Absolute change since the sample before.
  let change: Double
  /// Mean of `x` over the last three samples.
  let meanOfThree: Double
  /// Samples before this one.
  let seen: Int
  /// Nil until the forecaster is ready.
  var forecast: Forecast?
  /// What is usual at this time; nil where that is not known.
  var season: SeasonalExpert.Prediction?
  let scratch: TrainingScratch
  /// To be prefetched in parts while this sample is weighed.
  let next: (any Detector)?
}
