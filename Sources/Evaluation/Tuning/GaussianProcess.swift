import Glibc

/// A model of a function given a few of its values (Rasmussen & Williams 2006): a Gaussian process
/// with a Matérn 5/2 kernel and a length scale for each dimension.
package struct GaussianProcess: Sendable {
  private let points: [[Double]]
  private let lengths: [Double]
  private let mean: Double
  private let scale: Double
  /// The lower Cholesky factor of the covariance, row by row.
  private let factor: [Double]
  private let weights: [Double]
  /// The logarithm of the likelihood of the values, up to a constant.
  package let likelihood: Double

  /// A process with these length scales.
  /// - Parameters:
  ///   - points: at least one, in the unit cube.
  ///   - noise: variance of the noise, in units of that of the values.
  package init(points: [[Double]], values: [Double], lengths: [Double], noise: Double = 1e-3) {
    let count = points.count
    let mean = values.reduce(0, +) / Double(count)
    self.mean = mean
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let scale = max(1e-9, variance.squareRoot())
    self.scale = scale
    self.points = points
    self.lengths = lengths
    var factor = [Double](repeating: 0, count: count * count)
    for row in 0..<count {
      for column in 0...row {
        var sum = GaussianProcess.kernel(points[row], points[column], lengths)
        if row == column { sum += noise }
        for inner in 0..<column {
          sum -= factor[row * count + inner] * factor[column * count + inner]
        }
        factor[row * count + column] =
          row == column ? max(sum, 1e-12).squareRoot() : sum / factor[column * count + column]
      }
    }
    self.factor = factor
    let targets = values.map { ($0 - mean) / scale }
    let half = GaussianProcess.forward(factor, targets)
    var solved = half
    for row in (0..<count).reversed() {
      var sum = solved[row]
      for inner in (row + 1)..<max(row + 1, count) {
        sum -= factor[inner * count + row] * solved[inner]
      }
      solved[row] = sum / factor[row * count + row]
    }
    weights = solved
    likelihood =
      -half.reduce(0) { $0 + $1 * $1 } / 2
      - (0..<count).reduce(0) { $0 + log(factor[$1 * count + $1]) }
  }

  /// The process with the length scales, of some drawn at random, that make the values most likely.
  package static func fit(
    points: [[Double]], values: [Double], draw: () -> Double
  ) -> GaussianProcess {
    let width = points[0].count
    var best = GaussianProcess(
      points: points, values: values, lengths: Array(repeating: 0.5, count: width))
    for _ in 0..<200 {
      let lengths = (0..<width).map { _ in 0.1 * pow(40, draw()) }
      let other = GaussianProcess(points: points, values: values, lengths: lengths)
      if other.likelihood > best.likelihood { best = other }
    }
    return best
  }

  /// Mean and deviation at a point.
  package func predict(_ point: [Double]) -> (mean: Double, deviation: Double) {
    let kernels = points.map { GaussianProcess.kernel($0, point, lengths) }
    let expected = zip(kernels, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let half = GaussianProcess.forward(factor, kernels)
    let variance = max(1e-12, 1 - half.reduce(0) { $0 + $1 * $1 })
    return (mean + scale * expected, scale * variance.squareRoot())
  }

  /// The expected improvement of a point over the best value so far (Mockus 1975).
  package func expectedImprovement(_ point: [Double], over best: Double) -> Double {
    let (mean, deviation) = predict(point)
    let z = (mean - best) / deviation
    let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
    let share = erfc(-z / 2.0.squareRoot()) / 2
    return deviation * (z * share + density)
  }

  private static func kernel(_ one: [Double], _ other: [Double], _ lengths: [Double]) -> Double {
    var square = 0.0
    for place in one.indices {
      let distance = (one[place] - other[place]) / lengths[place]
      square += distance * distance
    }
    let distance = (5 * square).squareRoot()
    return (1 + distance + distance * distance / 3) * exp(-distance)
  }

  private static func forward(_ factor: [Double], _ targets: [Double]) -> [Double] {
    var solved = targets
    for row in solved.indices {
      var sum = solved[row]
      for inner in 0..<row { sum -= factor[row * solved.count + inner] * solved[inner] }
      solved[row] = sum / factor[row * solved.count + row]
    }
    return solved
  }
}
