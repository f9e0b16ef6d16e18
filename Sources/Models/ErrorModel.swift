import Glibc
import Series

/// Measures how unusual the errors of a row are, as one number.
package struct ErrorModel: Equatable, Sendable {
  /// How errors are combined.
  package enum Form: String, CaseIterable, Sendable {
    /// Mahalanobis distance: the errors follow one Gaussian with correlations.
    case multivariate
    /// The same, assuming that errors are independent.
    case gaussian
    /// Mean absolute error.
    case absolute
  }

  /// How errors are combined.
  package private(set) var form: Form
  private var mean: [Double]
  /// The inverse of the lower Cholesky factor of the covariance, row by row.
  private var whitening: [Double]

  /// A model of `width` errors that has seen none: mean 0, variance 1.
  package init(form: Form, width: Int) {
    self.form = form
    mean = Array(repeating: 0, count: width)
    whitening = Array(repeating: 0, count: width * width)
    for place in 0..<width { whitening[place * width + place] = 1 }
  }

  /// Number of errors of a row.
  package var width: Int { mean.count }

  /// Cap on a row in the fit, in standard deviations: outliers in the recording must not hide later
  /// ones.
  private static let cap = 4.0

  /// Fits mean and covariance to rows of errors; rows with an unknown error are left out.
  ///
  /// In two passes: the second clips errors at four of the first one's standard deviations. The
  /// covariance is shrunk by a twentieth towards its diagonal.
  package mutating func fit(_ errors: [Float]) {
    let width = width
    guard width > 0, form != .absolute else { return }
    var centre = [Double](repeating: 0, count: width)
    var bounds = [Double](repeating: .infinity, count: width)
    var covariance = [Double](repeating: 0, count: width * width)
    for _ in 0..<2 {
      var count = 0.0
      var sums = [Double](repeating: 0, count: width)
      var products = [Double](repeating: 0, count: width * width)
      var row = sums
      for start in stride(from: 0, to: errors.count, by: width) {
        guard (0..<width).allSatisfy({ errors[start + $0].isFinite }) else { continue }
        count += 1
        for place in 0..<width {
          let miss = Double(errors[start + place]) - centre[place]
          row[place] = max(-bounds[place], min(bounds[place], miss))
          sums[place] += row[place]
          // Without correlations only the diagonal matters.
          for other in (form == .gaussian ? place : 0)...place {
            products[place * width + other] += row[place] * row[other]
          }
        }
      }
      guard count > 1 else { return }
      for place in 0..<width {
        for other in 0...place {
          let product = products[place * width + other] / count
          covariance[place * width + other] =
            product - sums[place] / count * sums[other] / count
        }
      }
      for place in 0..<width {
        centre[place] += sums[place] / count
        bounds[place] = ErrorModel.cap * covariance[place * width + place].squareRoot()
      }
    }
    mean = centre
    whiten(covariance)
  }

  private mutating func whiten(_ covariance: [Double]) {
    let width = width
    guard form == .multivariate else {
      for place in 0..<width {
        let variance = covariance[place * width + place]
        whitening[place * width + place] = 1 / max(variance, 1e-12).squareRoot()
      }
      return
    }
    var factor = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0...row {
        var sum = covariance[row * width + column]
        sum = row == column ? sum + 1e-12 : 0.95 * sum
        for inner in 0..<column {
          sum -= factor[row * width + inner] * factor[column * width + inner]
        }
        factor[row * width + column] =
          row == column ? max(sum, 1e-12).squareRoot() : sum / factor[column * width + column]
      }
    }
    for column in 0..<width {
      for row in column..<width {
        var sum = row == column ? 1.0 : 0
        for inner in column..<row {
          sum -= factor[row * width + inner] * whitening[inner * width + column]
        }
        whitening[row * width + column] = sum / factor[row * width + row]
      }
    }
  }

  /// The distance of errors from usual ones, in standard deviations: about 1 for usual errors. An
  /// unknown error counts as usual.
  /// - Parameter shares: as many as the width: the contribution of each error to the squared
  ///   distance.
  package func distance(
    _ errors: UnsafePointer<Float>, shares: inout [Double]
  ) -> Double {
    let width = width
    guard width > 0 else { return 0 }
    var sum = 0.0
    for place in 0..<width {
      shares[place] = errors[place].isFinite ? Double(errors[place]) - mean[place] : 0
    }
    guard form != .absolute else {
      for place in 0..<width {
        shares[place] = abs(shares[place])
        sum += shares[place]
      }
      return sum / Double(width)
    }
    guard form == .multivariate else {
      for place in 0..<width {
        let white = whitening[place * width + place] * shares[place]
        shares[place] = white * white
        sum += shares[place]
      }
      return (sum / Double(width)).squareRoot()
    }
    // Of the quadratic form e' W' W e, error i adds e_i (W' W e)_i.
    withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { slopes in
      slopes.initialize(repeating: 0)
      for row in 0..<width {
        var white = 0.0
        for column in 0...row { white += whitening[row * width + column] * shares[column] }
        sum += white * white
        for column in 0...row { slopes[column] += whitening[row * width + column] * white }
      }
      for place in 0..<width { shares[place] = max(0, shares[place] * slopes[place]) }
    }
    return (sum / Double(width)).squareRoot()
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    var texts = [form.rawValue]
    try coder.code(&texts, maximum: 1, longest: 20)
    guard let form = texts.first.flatMap({ Form(rawValue: $0) }) else {
      throw .outOfRange(field: "form of an error model", found: 0, expected: 1...1)
    }
    self.form = form
    let width = width
    try coder.code(&mean, maximum: width)
    try coder.code(&whitening, maximum: width * width)
    guard mean.count == width, whitening.count == width * width,
      mean.allSatisfy(\.isFinite), whitening.allSatisfy(\.isFinite)
    else {
      throw .outOfRange(
        field: "width of an error model", found: mean.count, expected: width...width)
    }
  }
}
