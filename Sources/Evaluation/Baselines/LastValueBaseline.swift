package import Models

/// Expects the last value to repeat.
package enum LastValueBaseline: Baseline {
  package static let name = "last-value"
  package static let summary = "expects the last value to repeat"

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    lagged(tape, fitted: fitted) { _ in 1 }
  }

  /// The distance to the value `lag` rows before, which may differ between columns.
  static func lagged(_ tape: RowTape, fitted: Int, lag: (Int) -> Int) -> [Double] {
    let lags = (0..<tape.columns).map(lag)
    let scales = (0..<tape.columns).map { column in
      tape.scale(min(lags[column], fitted)..<min(fitted, tape.count)) {
        tape.value($0, column) - tape.value($0 - lags[column], column)
      }
    }
    return (0..<tape.count).map { row in
      largest(tape.columns) { column in
        row < lags[column]
          ? .nan
          : abs(tape.value(row, column) - tape.value(row - lags[column], column)) / scales[column]
      }
    }
  }
}

/// Expects the value of one period before, where the rows it is fitted to have one.
package enum SeasonalNaiveBaseline: Baseline {
  package static let name = "seasonal-naive"
  package static let summary = "expects the value of one period before"

  /// A lag is a period if rows are at least so much alike.
  private static let leastCorrelation = 0.3

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    LastValueBaseline.lagged(tape, fitted: fitted) { column in
      period(of: (0..<min(fitted, tape.count)).map { tape.value($0, column) })
    }
  }

  /// The lag of the highest local peak of the autocorrelation, after it first falls below 0; 1 where
  /// there is none.
  static func period(of values: [Double]) -> Int {
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
    var (hasFallen, best) = (false, (lag: 1, value: leastCorrelation))
    for lag in 1..<min(centred.count / 2, 2048) {
      let value = correlation(lag)
      hasFallen = hasFallen || value < 0
      // A little more is no reason to take a multiple of the period.
      if hasFallen, value > best.value + 0.02 { best = (lag, value) }
    }
    return best.lag
  }
}
