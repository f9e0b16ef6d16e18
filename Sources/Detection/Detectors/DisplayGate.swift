import Series

/// Decides whether the forecast or the last value is shown as the expected value: whichever has
/// been closer over the last 500 samples or so, in the metric's own unit. Scores do not depend on
/// it.
struct DisplayGate {
  /// Memory in samples.
  private static let memory = 500
  /// Samples before the forecast may be shown.
  private static let needed = 32
  /// How much worse than persistence the forecast's mean square error may be.
  private static let squareTolerance = 1.02

  /// Mean absolute error of the forecast, in the metric's unit; 0 before the first one.
  private(set) var forecastError = 0.0
  /// The same for the last value.
  private(set) var persistenceError = 0.0
  private var forecastSquare = 0.0
  private var persistenceSquare = 0.0
  private var count = 0

  /// Whether the forecast is shown for the coming sample.
  var showsForecast: Bool {
    count >= DisplayGate.needed && forecastError <= persistenceError
      && forecastSquare <= DisplayGate.squareTolerance * persistenceSquare
  }

  /// Learns the absolute error of the forecast and of the last value.
  mutating func learn(forecastError forecast: Double, persistenceError persistence: Double) {
    count += 1
    let rate = 1 / Double(min(count, DisplayGate.memory))
    forecastError += rate * (forecast - forecastError)
    persistenceError += rate * (persistence - persistenceError)
    forecastSquare += rate * (forecast * forecast - forecastSquare)
    persistenceSquare += rate * (persistence * persistence - persistenceSquare)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&forecastError)
    try coder.code(&persistenceError)
    try coder.code(&forecastSquare)
    try coder.code(&persistenceSquare)
    try coder.code(count: &count, "display gate")
  }
}
