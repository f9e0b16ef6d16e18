import Series

/// One sample, as sources of evidence see it.
struct ValueInput {
  /// The sample compared with its forecast.
  struct Forecast {
    /// Distance from the forecast for the sample, in the metric's unit.
    var error: Double
    /// The sample on the z scale.
    var scaled: Float
    /// The forecast made ``Forecaster/longestHorizon`` samples ago, once there is one.
    var far: Forecaster.Forecast?
  }

  let sample: Sample
  /// The value minus the metric's first one, so that float32 is precise enough for small movements
  /// of a large value.
  let x: Double
  /// Absolute change since the preceding sample.
  let change: Double
  /// Mean of `x` over the last three samples.
  let meanOfThree: Double
  /// Samples before this one.
  let seen: Int
  /// Nil until the forecaster is ready.
  var forecast: Forecast?
  /// The usual value at this time; nil if unknown.
  var season: SeasonalExpert.Prediction?
  let scratch: TrainingScratch
  /// To be prefetched in parts while this sample is weighed.
  let next: (any Detector)?
}
