/// How far the level has stayed from what was forecast 48 samples ahead: the absolute mean of the
/// last 32 standardised errors of that forecast.
struct DriftEvidence {
  /// Errors in the mean.
  static let window = 32

  private let errors: UnsafeMutablePointer<Float>
  private var sum = 0.0
  private var count = 0

  /// No errors yet, in ``window`` zeros at `errors`.
  init(errors: UnsafeMutablePointer<Float>) {
    self.errors = errors
  }

  /// Takes the scaled value and its forecast, made 48 samples ago; returns the evidence, >= 0.
  mutating func evidence(_ z: Float, mean: Float, scale: Float) -> Double {
    let error = Float((Double(z) - Double(mean)) / (Double(scale) + 0.05))
    let place = count % DriftEvidence.window
    sum += Double(error - errors[place])
    errors[place] = error
    count += 1
    return abs(sum) / Double(min(count, DriftEvidence.window))
  }

  mutating func code(_ coder: inout some StateCoder) throws(DetectorDecodingError) {
    try coder.code(&sum)
    try coder.code(&count, in: 0...Int.max, "drift errors")
    try coder.code(floats: errors, count: DriftEvidence.window)
  }
}
