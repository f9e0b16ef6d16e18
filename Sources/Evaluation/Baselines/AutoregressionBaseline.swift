package import Models

/// Forecasts every column from the last rows of all columns, by least squares with a small ridge
/// (vector autoregression; Lütkepohl 2005), and combines the errors as models do.
package enum AutoregressionBaseline: Baseline {
  package static let name = "var"
  package static let summary = "vector autoregression on the last 3 rows of all columns"

  private static let lags = 3
  private static let ridge = 1e-3

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    let (columns, fitted) = (tape.columns, min(fitted, tape.count))
    let inputs = lags * columns + 1
    guard fitted > inputs + lags else { return Array(repeating: .nan, count: tape.count) }
    func features(_ row: Int) -> [Double] {
      var result = [1.0]
      for lag in 1...lags {
        for column in 0..<columns { result.append(tape.value(row - lag, column)) }
      }
      return result
    }
    var products = [Double](repeating: 0, count: inputs * inputs)
    var targets = [Double](repeating: 0, count: inputs * columns)
    for row in lags..<fitted {
      let x = features(row)
      for i in 0..<inputs {
        for j in 0...i { products[i * inputs + j] += x[i] * x[j] }
        for column in 0..<columns {
          targets[i * columns + column] += x[i] * tape.value(row, column)
        }
      }
    }
    for i in 0..<inputs { products[i * inputs + i] += ridge * Double(fitted) }
    let weights = solve(products, targets, size: inputs, columns: columns)

    var errors: [Float] = []
    for row in lags..<tape.count {
      let x = features(row)
      for column in 0..<columns {
        let forecast = (0..<inputs).reduce(0) { $0 + weights[$1 * columns + column] * x[$1] }
        errors.append(Float(tape.value(row, column) - forecast))
      }
    }
    var model = ErrorModel(form: .multivariate, width: columns)
    model.fit(Array(errors[..<((fitted - lags) * columns)]))
    var shares = [Double](repeating: 0, count: columns)
    return errors.withUnsafeBufferPointer { errors in
      (0..<tape.count).map { row in
        guard row >= lags, let start = errors.baseAddress else { return .nan }
        return model.distance(start + (row - lags) * columns, shares: &shares)
      }
    }
  }

  /// Solves a symmetric positive definite system, given by its lower half, for several right-hand
  /// sides, by Cholesky factorisation.
  static func solve(_ matrix: [Double], _ targets: [Double], size: Int, columns: Int) -> [Double] {
    var (factor, x) = (matrix, targets)
    for row in 0..<size {
      for column in 0...row {
        var sum = factor[row * size + column]
        for inner in 0..<column {
          sum -= factor[row * size + inner] * factor[column * size + inner]
        }
        factor[row * size + column] =
          row == column ? max(sum, 1e-12).squareRoot() : sum / factor[column * size + column]
      }
    }
    for target in 0..<columns {
      for row in 0..<size {
        var sum = x[row * columns + target]
        for inner in 0..<row { sum -= factor[row * size + inner] * x[inner * columns + target] }
        x[row * columns + target] = sum / factor[row * size + row]
      }
      for row in (0..<size).reversed() {
        var sum = x[row * columns + target]
        for inner in (row + 1)..<max(row + 1, size) {
          sum -= factor[inner * size + row] * x[inner * columns + target]
        }
        x[row * columns + target] = sum / factor[row * size + row]
      }
    }
    return x
  }
}
