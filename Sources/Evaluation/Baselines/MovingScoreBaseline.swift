package import Models

/// Standard score against exponentially weighted mean and variance.
package enum MovingScoreBaseline: Baseline {
  package static let name = "ew-z"
  package static let summary = "standard score against an exponentially weighted mean"

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    scores(tape) { row, column in tape.value(row, column) }
  }

  /// Rows of the moving mean.
  private static let span = 100.0
  /// Rows before the variance is known well enough.
  private static let least = 10.0

  /// The largest standard score of `body` over a row's columns.
  static func scores(_ tape: RowTape, _ body: (Int, Int) -> Double) -> [Double] {
    var means = [Double](repeating: 0, count: tape.columns)
    var variances = means
    var seen = means
    return (0..<tape.count).map { row in
      largest(tape.columns) { column in
        let value = body(row, column)
        guard value.isFinite else { return .nan }
        let miss = value - means[column]
        let score = abs(miss) / max(variances[column].squareRoot(), 1e-6)
        seen[column] += 1
        let share = max(1 / seen[column], 2 / (span + 1))
        means[column] += share * miss
        variances[column] = (1 - share) * (variances[column] + share * miss * miss)
        return seen[column] > least ? score : .nan
      }
    }
  }
}

/// Standard score of the size of changes.
package enum ChangeScoreBaseline: Baseline {
  package static let name = "change-z"
  package static let summary = "standard score of the size of changes, exponentially weighted"

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    MovingScoreBaseline.scores(tape) { row, column in
      row == 0 ? .nan : abs(tape.value(row, column) - tape.value(row - 1, column))
    }
  }
}

/// Standard score against the latest rows, all of the same weight.
package enum WindowedGaussianBaseline: Baseline {
  package static let name = "windowed-gaussian"
  package static let summary = "standard score against the latest 500 rows"

  private static let window = 500
  private static let least = 20

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    var (sums, squares) = (
      [Double](repeating: 0, count: tape.columns), [Double](repeating: 0, count: tape.columns)
    )
    return (0..<tape.count).map { row in
      let count = min(row, window)
      return largest(tape.columns) { column in
        let value = tape.value(row, column)
        let mean = sums[column] / Double(max(1, count))
        let variance = max(0, squares[column] / Double(max(1, count)) - mean * mean)
        sums[column] += value
        squares[column] += value * value
        if row >= window {
          let oldest = tape.value(row - window, column)
          sums[column] -= oldest
          squares[column] -= oldest * oldest
        }
        return count < least ? .nan : abs(value - mean) / max(variance.squareRoot(), 1e-3)
      }
    }
  }
}
