import Series

/// How far the forecast may move away from the last value: the regression of the actual change on
/// the forecast change, over some 500 samples, clipped to 0...1.
///
/// Without skill the gate closes and the detector falls back to persistence by itself.
struct SkillGate {
  /// Memory in samples.
  private static let memory = 500.0

  /// Weight of the forecast change, 0...1.
  private(set) var openness = 0.0
  private var covariance = 0.0
  private var variance = 0.0

  /// Learns from the forecast change and the actual change, both on the z scale.
  /// - Parameter scale: the forecast's own scale; steps beyond 8 of it are clipped.
  mutating func learn(forecastStep: Float, actualStep: Float, scale: Float) {
    let limit = Double(8 * scale) + 1e-3
    let forecast = max(-limit, min(limit, Double(forecastStep)))
    let actual = max(-limit, min(limit, Double(actualStep)))
    covariance += (forecast * actual - covariance) / SkillGate.memory
    variance += (forecast * forecast - variance) / SkillGate.memory
    openness = variance > 1e-14 ? max(0, min(1, covariance / variance)) : 0
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&openness)
    try coder.code(&covariance)
    try coder.code(&variance)
  }
}
