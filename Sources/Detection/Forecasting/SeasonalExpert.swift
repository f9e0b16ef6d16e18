import Networks
import Series

/// Forecasts from the time of day and of the week, alongside the network
/// (docs/adr/0037-seasonal-expert.md).
///
/// A profile of a day and one of a week learn the metric's usual values; the one that has been
/// closer is used. There is no forecast without a clock, for half hours never seen, and while the
/// profile explains too little.
struct SeasonalExpert {
  private static let binsOfDay = 48
  private static let binsOfWeek = 7 * binsOfDay
  /// Seconds in half an hour.
  private static let bin: Int64 = 1800
  /// The profile has skill while its error is below this share of the distance from the mean.
  private static let skill = 0.6
  /// It is evidence while its error is below this share of the network's error 48 samples ahead.
  private static let advantage = 0.85
  /// And only after two whole weeks.
  private static let age = 14 * Timestamp.dayNanoseconds
  /// Memory of errors, and of the regression of one error on the one before, in samples.
  private static let (memory, shortMemory) = (2000, 500.0)
  /// Samples in a half hour from which its mean is interpolated.
  private static let dense = 4
  /// Stored units per standard deviation, and the maximum distance of their centre from the mean,
  /// in deviations.
  private static let (resolution, farthest) = (64.0, 64.0)
  private static let largest = 32_000.0

  /// The expert's prediction for a sample before it arrives.
  struct Prediction {
    /// The usual value at this time.
    var usual: Double
    /// That plus the expected remainder of the preceding sample's distance; nil without skill.
    var forecast: Double?
    /// Whether distance from ``usual`` is evidence.
    var tells: Bool
  }

  private var day: SeasonalProfile
  private var week: SeasonalProfile
  private var gate = SkillGate()
  private var centre = 0.0
  private var scale = 0.0
  private var start: Int64 = 0
  /// Half hour of the week in which samples are being collected, -1: none.
  private var visited = -1
  private var sum = 0.0
  private var inVisit = 0
  private var inLastVisit = 0
  private var deviation = 0.0
  private var samples = 0
  private var farError = 0.0
  private var farErrors = 0
  /// The share of a distance from the profile that remains at the next sample.
  private var persistence = 1.0
  private var covariance = 0.0
  private var variance = 0.0
  /// Distance of the latest sample from the profile; NaN: unknown.
  private var distance = Double.nan
  /// The profiles' values for the coming sample, kept from prediction to learning.
  private var ofDay: Float?
  private var ofWeek: Float?

  init(_ cursor: inout MemoryCursor) {
    day = SeasonalProfile(
      count: SeasonalExpert.binsOfDay, bins: cursor.take(SeasonalExpert.binsOfDay))
    week = SeasonalProfile(
      count: SeasonalExpert.binsOfWeek, bins: cursor.take(SeasonalExpert.binsOfWeek))
  }

  /// Weight of the expert's forecast relative to the network's, 0...1.
  var openness: Double { gate.openness }

  func prefetch() {
    guard visited >= 0 else { return }
    week.prefetch(visited)
    day.prefetch(visited % SeasonalExpert.binsOfDay)
  }

  /// Predicts the sample that comes at `timestamp`.
  mutating func predict(at timestamp: Timestamp) -> Prediction? {
    let second = timestamp.secondOfDay
    let bin = Int(second / SeasonalExpert.bin)
    let place = Float(second % SeasonalExpert.bin) / Float(SeasonalExpert.bin)
    let isDense = inLastVisit >= SeasonalExpert.dense
    ofDay = day.value(bin, place: place, interpolates: isDense)
    ofWeek = week.value(
      timestamp.weekday * SeasonalExpert.binsOfDay + bin, place: place,
      interpolates: isDense)
    guard let stored = asksWeek ? ofWeek : ofDay else { return nil }
    let usual = centre + scale * Double(stored)
    let profile = asksWeek ? week : day
    guard profile.isKnown, profile.error < SeasonalExpert.skill * deviation else {
      return Prediction(usual: usual, tells: false)
    }
    return Prediction(
      usual: usual, forecast: distance.isNaN ? nil : usual + persistence * distance,
      tells: asksWeek && profile.error < SeasonalExpert.advantage * farError
        && timestamp.nanoseconds &- start >= SeasonalExpert.age)
  }

  private var asksWeek: Bool {
    ofWeek != nil && (ofDay == nil || week.isKnown && week.error < day.error)
  }

  /// Learns how close the mixture could have come with the expert's forecast.
  mutating func learn(gatedStep: Float, actualStep: Float, scale: Float) {
    gate.learn(forecastStep: gatedStep, actualStep: actualStep, scale: scale)
  }

  /// Learns how far the network's forecast of 48 samples ago was from a sample, in the metric's unit.
  mutating func learn(farError error: Double) {
    farErrors = min(farErrors + 1, 1 << 30)
    farError +=
      (bounded(error, by: farError, farErrors) - farError)
      / Double(min(farErrors, SeasonalExpert.memory))
  }

  /// Records the distance of the predicted sample, whether or not it is learnt.
  /// - Returns: the distance.
  mutating func follow(_ x: Double, _ prediction: Prediction?, learns: Bool) {
    guard let prediction else {
      distance = .nan
      return
    }
    let now = x - prediction.usual
    if learns, !distance.isNaN {
      let limit =
        SeasonalProfile.errorCap * (week.isKnown ? min(day.error, week.error) : day.error)
      let (before, after) = (
        max(-limit, min(limit, distance)), max(-limit, min(limit, now))
      )
      covariance += (before * after - covariance) / SeasonalExpert.shortMemory
      variance += (before * before - variance) / SeasonalExpert.shortMemory
      persistence = variance > 0 ? max(0, min(1, covariance / variance)) : 0
    }
    distance = now
  }

  /// Learns a sample, after ``predict(at:)``.
  /// - Parameters:
  ///   - mean: the metric's mean before the sample.
  ///   - spread: its standard deviation.
  mutating func learn(_ x: Double, at timestamp: Timestamp, mean: Double, spread: Double) {
    if samples == 0 {
      (centre, scale) = (mean, spread / SeasonalExpert.resolution)
      start = timestamp.nanoseconds
    }
    samples = min(samples + 1, 1 << 30)
    deviation +=
      (bounded(abs(x - mean), by: deviation, samples) - deviation)
      / Double(min(samples, SeasonalExpert.memory))
    if let ofDay { day.learn(error: abs(x - centre - scale * Double(ofDay))) }
    if let ofWeek { week.learn(error: abs(x - centre - scale * Double(ofWeek))) }
    let bin =
      timestamp.weekday * SeasonalExpert.binsOfDay
      + Int(timestamp.secondOfDay / SeasonalExpert.bin)
    if bin != visited {
      if visited >= 0 { closeVisit(mean: mean, spread: spread, isNewDay: bin < visited) }
      visited = bin
      sum = 0
      inVisit = 0
    }
    sum += x
    inVisit += 1
  }

  private func bounded(_ error: Double, by mean: Double, _ count: Int) -> Double {
    count > 50 && mean > 0 ? min(error, SeasonalProfile.errorCap * mean) : error
  }

  private mutating func closeVisit(mean: Double, spread: Double, isNewDay: Bool) {
    inLastVisit = inVisit
    let value = sum / Double(inVisit)
    if abs(value - centre) > SeasonalExpert.largest * scale
      || isNewDay && abs(mean - centre) > SeasonalExpert.farthest * spread
    {
      // The scale is raised if a value does not fit.
      let needed = abs(value - mean) / SeasonalExpert.largest
      rescale(centre: mean, scale: max(spread / SeasonalExpert.resolution, 2 * needed))
    }
    let stored = Float((value - centre) / scale)
    day.learn(stored, bin: visited % SeasonalExpert.binsOfDay)
    week.learn(stored, bin: visited)
  }

  private mutating func rescale(centre newCentre: Double, scale newScale: Double) {
    let factor = Float(scale / newScale)
    let shift = Float((centre - newCentre) / newScale)
    day.rescale(by: factor, plus: shift)
    week.rescale(by: factor, plus: shift)
    (centre, scale) = (newCentre, newScale)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try day.code(&coder)
    try week.code(&coder)
    try gate.code(&coder)
    try coder.code(&centre)
    try coder.code(&scale)
    var began = UInt64(bitPattern: start)
    try coder.code(&began)
    start = Int64(bitPattern: began)
    try coder.code(&visited, in: -1...(SeasonalExpert.binsOfWeek - 1), "bin of a week")
    try coder.code(&sum)
    try coder.code(count: &inVisit, "samples in a bin")
    try coder.code(count: &inLastVisit, "samples in the bin before")
    try coder.code(&deviation)
    try coder.code(count: &samples, "samples of the seasonal expert")
    try coder.code(&farError)
    try coder.code(count: &farErrors, "forecasts of the seasonal expert")
    try coder.code(&persistence)
    try coder.code(&covariance)
    try coder.code(&variance)
    try coder.code(&distance)
  }
}
