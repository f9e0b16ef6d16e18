import Glibc
import Series

/// The directions in which standardised columns vary most, and a row's coordinates along them, in
/// units of their standard deviations; and the remaining directions, in which rows hardly vary as long
/// as the columns stay correlated.
package struct PrincipalComponents: Equatable, Sendable {
  /// Number of columns.
  package private(set) var columns: Int
  /// The variance along each direction, > 0: the components, largest first, then the remaining ones.
  package private(set) var variances: [Double]
  /// `[components + remaining][columns]`: directions of length 1.
  package private(set) var directions: [Double]
  /// The variance of all columns together.
  package private(set) var totalVariance: Double

  /// Number of components.
  package private(set) var count: Int
  /// Number of remaining directions.
  package var residualCount: Int { variances.count - count }
  /// The share of the variance that the components have, 0...1.
  package var share: Double { variances[..<count].reduce(0, +) / totalVariance }

  /// The smallest standard deviation of a direction, relative to that of a column: for columns that
  /// repeat each other, only rounding errors remain.
  private static let leastDeviation = 1e-3

  /// The fewest components that explain `share` of the variance of `rows`; nil if nothing varies.
  /// - Parameter rows: `[rows][columns]` in standard units; those with a gap are left out.
  package init?(_ rows: [Float], columns: Int, share: Double) {
    var covariance = [Double](repeating: 0, count: columns * columns)
    var (means, count) = ([Double](repeating: 0, count: columns), 0.0)
    for start in stride(from: 0, to: rows.count, by: columns) {
      guard rows[start..<(start + columns)].allSatisfy(\.isFinite) else { continue }
      count += 1
      for column in 0..<columns {
        let value = Double(rows[start + column])
        means[column] += value
        for other in 0...column {
          covariance[column * columns + other] += value * Double(rows[start + other])
        }
      }
    }
    guard count > 1 else { return nil }
    for column in 0..<columns {
      for other in 0...column {
        let value =
          covariance[column * columns + other] / count - means[column] / count * means[other]
          / count
        covariance[column * columns + other] = value
        covariance[other * columns + column] = value
      }
    }
    let (values, vectors) = PrincipalComponents.eigen(covariance, size: columns)
    let order = values.indices.sorted { values[$0] > values[$1] }
    totalVariance = values.reduce(0) { $0 + max(0, $1) }
    guard totalVariance > 0 else { return nil }
    var (kept, sum): ([Int], Double) = ([], 0)
    for index in order where sum < share * totalVariance && values[index] > 1e-9 * totalVariance {
      kept.append(index)
      sum += values[index]
    }
    self.columns = columns
    self.count = kept.count
    let least =
      PrincipalComponents.leastDeviation * PrincipalComponents.leastDeviation * totalVariance
      / Double(columns)
    let all = kept + order.dropFirst(kept.count)
    variances = all.map { max(values[$0], least) }
    directions = all.flatMap { index in (0..<columns).map { vectors[$0 * columns + index] } }
  }

  /// Filled in from a file.
  init() { (columns, count, variances, directions, totalVariance) = (0, 0, [], [], 1) }

  /// A row's coordinates.
  /// - Parameter row: a value for each column, in standard units.
  package func project(_ row: [Float]) -> [Float] {
    var result: [Float] = []
    project(row, on: 0..<count, into: &result)
    return result
  }

  /// A row's coordinates along the components and along the remaining directions, without allocating.
  /// - Parameters:
  ///   - row: a value for each column, in standard units.
  ///   - parts: overwritten.
  ///   - residuals: overwritten.
  func project(_ row: [Float], into parts: inout [Float], residuals: inout [Float]) {
    project(row, on: 0..<count, into: &parts)
    project(row, on: count..<variances.count, into: &residuals)
  }

  private func project(_ row: [Float], on range: Range<Int>, into result: inout [Float]) {
    result.removeAll(keepingCapacity: true)
    for component in range {
      var dot = 0.0
      for column in 0..<columns {
        dot += directions[component * columns + column] * Double(row[column])
      }
      result.append(Float(dot / variances[component].squareRoot()))
    }
  }

  /// The columns' values, in standard units, that correspond to coordinates.
  package func columns(of components: [Float]) -> [Float] {
    (0..<columns).map { column in
      Float(
        (0..<count).reduce(0) {
          $0 + directions[$1 * columns + column] * Double(components[$1])
            * variances[$1].squareRoot()
        })
    }
  }

  /// The weight of a component or remaining direction distributed over columns, adding up to 1.
  package func shares(of component: Int) -> [Double] {
    (0..<columns).map { column in
      let weight = directions[component * columns + column]
      return weight * weight
    }
  }

  /// Eigenvalues, and eigenvectors as columns, of a symmetric matrix, by Jacobi's cyclic rotations
  /// (Golub & Van Loan, Matrix Computations, 8.5).
  static func eigen(_ matrix: [Double], size: Int) -> (values: [Double], vectors: [Double]) {
    var (a, vectors) = (matrix, [Double](repeating: 0, count: size * size))
    for index in 0..<size { vectors[index * size + index] = 1 }
    for _ in 0..<60 {
      var rest = 0.0
      for row in 0..<size {
        for column in 0..<row { rest += a[row * size + column] * a[row * size + column] }
      }
      guard rest > 1e-22 else { break }
      for p in 0..<size {
        for q in (p + 1)..<max(p + 1, size) where abs(a[p * size + q]) > 1e-300 {
          let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
          let tangent = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let cosine = 1 / (tangent * tangent + 1).squareRoot()
          let sine = tangent * cosine
          for index in 0..<size {
            let (first, second) = (a[index * size + p], a[index * size + q])
            a[index * size + p] = cosine * first - sine * second
            a[index * size + q] = sine * first + cosine * second
          }
          for index in 0..<size {
            let (first, second) = (a[p * size + index], a[q * size + index])
            a[p * size + index] = cosine * first - sine * second
            a[q * size + index] = sine * first + cosine * second
            let (one, other) = (vectors[index * size + p], vectors[index * size + q])
            vectors[index * size + p] = cosine * one - sine * other
            vectors[index * size + q] = sine * one + cosine * other
          }
        }
      }
    }
    return ((0..<size).map { a[$0 * size + $0] }, vectors)
  }

  mutating func code(
    _ coder: inout some StateCoder, columns: Int, version: UInt32
  ) throws(StateDecodingError) {
    try coder.code(&variances, maximum: columns)
    try coder.code(&directions, maximum: columns * columns)
    try coder.code(&totalVariance)
    guard directions.count == variances.count * columns, directions.allSatisfy(\.isFinite),
      variances.allSatisfy({ $0.isFinite && $0 > 0 }), totalVariance > 0, totalVariance.isFinite
    else {
      throw .outOfRange(
        field: "principal components", found: directions.count,
        expected: (variances.count * columns)...(variances.count * columns))
    }
    self.columns = columns
    guard version >= 4 else { return count = variances.count }
    try coder.code(&count, in: 0...variances.count, "number of components")
  }
}
