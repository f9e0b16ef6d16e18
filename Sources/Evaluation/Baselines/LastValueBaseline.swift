package import Models

/// Expects the last value to repeat.
package enum LastValueBaseline: Baseline {
  package static let name = "last-value"
  package static let summary = "expects the last value to repeat"

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    lagged(tape, fitted: fitted) { _ in 1 }
  }

  /// The distance from the value `lag` rows before, which may differ between columns.
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

/// Expects the value of one period before, if the rows it is fitted to have a period.
package enum SeasonalNaiveBaseline: Baseline {
  package static let name = "seasonal-naive"
  package static let summary = "expects the value of one period before"

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    LastValueBaseline.lagged(tape, fitted: fitted) { column in
      SeasonalPeriod.rows(of: (0..<min(fitted, tape.count)).map { tape.value($0, column) })
    }
  }
}
