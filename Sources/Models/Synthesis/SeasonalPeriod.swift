/// The number of rows after which a series repeats.
package enum SeasonalPeriod {
  /// Minimum correlation of rows for a lag to be a period.
  private static let leastCorrelation = 0.3
  /// How much lower than the highest peak the first one may be.
  private static let tolerance = 0.1
  /// The longest period considered, in rows.
  private static let longest = 2048

  /// The lag of the first high peak of the autocorrelation after it has fallen below 0; 1 if there
  /// is none.
  package static func rows(of values: [Double]) -> Int {
    guard values.count > 8 else { return 1 }
    let mean = values.reduce(0, +) / Double(values.count)
    let centred = values.map { $0 - mean }
    let power = centred.reduce(0) { $0 + $1 * $1 }
    guard power > 0 else { return 1 }
    func correlation(_ lag: Int) -> Double {
      var sum = 0.0
      for place in 0..<(centred.count - lag) { sum += centred[place] * centred[place + lag] }
      return sum / power * Double(centred.count) / Double(centred.count - lag)
    }
    var peaks: [(lag: Int, value: Double)] = []
    var hasFallen = false
    var (before, value) = (1.0, correlation(1))
    for lag in 1..<min(centred.count / 2, longest) {
      let after = correlation(lag + 1)
      hasFallen = hasFallen || value < 0
      if hasFallen, value > before, value >= after, value >= leastCorrelation {
        peaks.append((lag, value))
      }
      (before, value) = (value, after)
    }
    // A multiple of the period may correlate slightly more by chance: the first peak counts.
    let highest = peaks.map(\.value).max() ?? 0
    return peaks.first { $0.value >= highest - tolerance }?.lag ?? 1
  }
}
