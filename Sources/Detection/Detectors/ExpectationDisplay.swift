import Series

/// The expected value as shown to people: the forecast or the last value, whichever has been
/// closer, with the 99% band around it, limited to values that are plausible for the metric.
/// Affects no score.
struct ExpectationDisplay {
  /// The shown values, in the metric's unit.
  struct Shown {
    var value: Double
    var lower = Double.nan
    var upper = Double.nan
  }

  private(set) var gate = DisplayGate()
  private var band = QuantileBand()

  /// The values shown for the coming sample.
  /// - Parameters:
  ///   - forecast: nil until the network forecasts.
  ///   - last: the value of the preceding sample.
  ///   - plausible: see ``plausible(first:last:least:greatest:)``.
  ///   - isPositive: whether none of the samples was negative, when there are too few for a range.
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

  /// Learns the distance of a sample from the shown value, to move the band.
  mutating func learn(error: Double) { band.learn(error) }

  /// Learns the absolute errors of the forecast and of the last value, which decide which one is
  /// shown.
  mutating func learn(forecastError: Double, lastValueError: Double) {
    gate.learn(forecastError: forecastError, persistenceError: lastValueError)
  }

  /// The range of earlier values widened by its width on either side, and not below 0 if no value
  /// was negative; for a constant series, that value alone. Nil before the second value.
  /// - Parameters:
  ///   - first: the first value.
  ///   - least: the smallest value so far, minus the first one.
  ///   - greatest: the largest one, minus the first one.
  static func plausible(
    first: Double, last: Double, least: Float, greatest: Float
  ) -> ClosedRange<Double>? {
    // The remembered range lags by a sample or two: the last value may lie far outside.
    let (least, greatest) = (
      min(first + Double(least), last), max(first + Double(greatest), last)
    )
    let range = greatest - least
    guard range > 0 else { return last == first ? first...first : nil }
    // Remembered values are rounded: a zero may have become slightly negative.
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
