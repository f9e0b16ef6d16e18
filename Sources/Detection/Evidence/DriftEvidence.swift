import Networks
import Series

/// How far the level has stayed from the forecast made 48 samples ahead: the absolute mean of the
/// last 32 standardised errors of that forecast.
struct DriftEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 4, family: .values, lane: 4, name: "drift",
    explanation: "the level has stayed away from its forecast for 32 samples", pace: .slow)
  static let kinds = [kind]

  /// Errors in the mean.
  static let window = 32

  private let errors: UnsafeMutablePointer<UInt16>
  private var sum = 0.0
  private var count = 0
  /// Mean of the latest forecasts on the z scale.
  private var usual = 0.0

  init(_ cursor: inout MemoryCursor) {
    errors = cursor.take(DriftEvidence.window)
  }

  mutating func weigh(_ input: ValueInput, _ scales: inout Scales) {
    guard let forecast = input.forecast, let far = forecast.far else { return }
    scales.weigh(
      DriftEvidence.kind, evidence(forecast.scaled, mean: far.mean, scale: far.scale))
  }

  func delay(of lane: Int) -> Int? { lane == DriftEvidence.kind.lane ? samplesSinceChange : nil }

  func forecastLevel(of lane: Int) -> Double? { lane == DriftEvidence.kind.lane ? usual : nil }

  func prefetch(_ stage: PrefetchStage) {
    if stage == .longMemories { Memory.prefetch(errors, count: DriftEvidence.window) }
  }

  /// Takes the scaled value and its forecast, made 48 samples ago; returns the evidence, >= 0.
  private mutating func evidence(_ z: Float, mean: Float, scale: Float) -> Double {
    let place = count % DriftEvidence.window
    sum -= error(at: place)
    errors[place] = Float((Double(z) - Double(mean)) / (Double(scale) + 0.05)).upperHalf
    sum += error(at: place)
    count += 1
    usual += (Double(mean) - usual) / Double(min(count, DriftEvidence.window / 2))
    return abs(sum) / Double(min(count, DriftEvidence.window))
  }

  /// How many samples before the newest one the series left its forecast: the most likely change
  /// point (Page, "Continuous Inspection Schemes", Biometrika 1954) of the errors in the window.
  private var samplesSinceChange: Int {
    let held = min(count, DriftEvidence.window)
    guard held > 0 else { return 0 }
    let mean = sum / Double(held)
    var total = 0.0
    var greatest = 0.0
    var place = 0
    for back in 0..<held {
      let error = error(at: (count - 1 - back) % DriftEvidence.window)
      total += (mean < 0 ? -error : error) - abs(mean) / 2
      if total > greatest {
        greatest = total
        place = back
      }
    }
    return place
  }

  private func error(at place: Int) -> Double {
    Double(Float(upperHalf: errors[place]))
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&sum)
    try coder.code(count: &count, "drift errors")
    try coder.code(&usual)
    try coder.code(words: errors, count: DriftEvidence.window)
  }
}
