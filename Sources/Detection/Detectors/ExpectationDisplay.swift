import Series

/// What people are shown as expected of a sample: the forecast or the last value, whichever has been
/// nearer, and the 99% band around it, within what the metric's own values make plausible. Changes no
/// score.
struct ExpectationDisplay {
  /// What is shown, in the metric's unit.
  struct Shown {
    var value: Double
    var lower = Double.nan
    var upper = Double.nan
  }

  private(set) var gate = DisplayGate()
  private var band = QuantileBand()

  /// What is shown for the coming sample.
  /// - Parameters:
  ///   - forecast: nil before the network forecasts.
  ///   - last: the value of the sample before.
  ///   - plausible: see ``plausible(first:last:least:greatest:)``.
  ///   - isPositive: whether, of too few samples for a range, none was negative.
  func shown(
    _ forecast: Double?, last: Double, plausible: ClosedRange<Double>?, isPositive: Bool
  ) -> Shown {
    var shown = Shown(value: last)
    if let forecast {
      if gate.showsForecast { shown.value = forecast }
      if let plausible { shown.value = plausible.nearest(to: shown.value) }
    }
    guard band.isKnown else { return shown }
    let (lower, upper) = band.ends(around: shown.value)
    guard let plausible else {
      (shown.lower, shown.upper) = (lower, upper)
      if isPositive { shown.lower = max(0, min(shown.value, lower)) }
      return shown
    }
    shown.lower = max(plausible.lowerBound, min(shown.value, lower))
    shown.upper = min(plausible.upperBound, max(shown.value, upper))
    return shown
  }

  /// Learns how far a sample was from what was shown, to move the band.
  mutating func learn(error: Double) { band.learn(error) }

  /// Learns the absolute errors of the forecast and of the last value, which decide what is shown.
  mutating func learn(forecastError: Double, lastValueError: Double) {
    gate.learn(forecastError: forecastError, persistenceError: lastValueError)
  }

  /// The range of earlier values widened by its width on either side, and not below 0 if none was;
  /// of a constant that value alone. Nil before the second value.
  /// - Parameters:
  ///   - first: the first value.
  ///   - least: the least value so far, less the first one.
  ///   - greatest: the greatest one, less the first one.
  static func plausible(
    first: Double, last: Double, least: Float, greatest: Float
  ) -> ClosedRange<Double>? {
    // The remembered range is a sample or two old: the last value may lie far beyond.
    let (least, greatest) = (
      min(first + Double(least), last), max(first + Double(greatest), last)
    )
    let range = greatest - least
    guard range > 0 else { return last == first ? first...first : nil }
    // Remembered values are rounded: a zero may have become a little less.
    let isNeverNegative = least >= -1e-6 * range
    return (isNeverNegative ? max(0, least - range) : least - range)...(greatest + range)
  }

  mutating func codeGate(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try gate.code(&coder)
  }

  mutating func codeBand(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try band.code(&coder)
  }
}

extension ClosedRange<Double> {
  /// The value in the range that is nearest to `value`.
  func nearest(to value: Double) -> Double { Swift.max(lowerBound, Swift.min(upperBound, value)) }
}
