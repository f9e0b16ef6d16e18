package import Models

/// Hotelling's T2 in the principal components and the squared residual Q outside them (Jackson &
/// Mudholkar 1979), each in units of a limit from the rows it is fitted to.
package enum ComponentsBaseline: Baseline {
  package static let name = "pca"
  package static let summary = "T2 and Q of principal components that have 90% of the variance"

  /// The share of the variance in the components.
  private static let share = 0.9
  /// The share of the fitted rows within a limit.
  private static let quantile = 0.99

  package static func distances(_ tape: RowTape, fitted: Int) -> [Double] {
    let (columns, fitted) = (tape.columns, min(fitted, tape.count))
    guard
      let components = PrincipalComponents(
        Array(tape.filled[..<(fitted * columns)]), columns: columns, share: share)
    else { return Array(repeating: .nan, count: tape.count) }
    var (squares, rests): ([Double], [Double]) = ([], [])
    for row in 0..<tape.count {
      let values = Array(tape.filled[(row * columns)..<((row + 1) * columns)])
      let parts = components.project(values)
      squares.append(parts.reduce(0) { $0 + Double($1 * $1) })
      let back = components.columns(of: parts)
      rests.append(zip(values, back).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) })
    }
    let limits = [squares, rests].map { values in
      let sorted = values[..<fitted].sorted()
      return sorted.isEmpty ? 1 : max(1e-9, sorted[Int(quantile * Double(sorted.count - 1))])
    }
    return (0..<tape.count).map { max(squares[$0] / limits[0], rests[$0] / limits[1]) }
  }
}
