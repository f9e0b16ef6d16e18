import Glibc

/// The Student t distribution with 4 degrees of freedom, used to judge errors of times.
enum StudentT {
  /// Density of a standardised error.
  static func density(_ e: Double) -> Double {
    let s = 1 + e * e / 4
    return 0.375 / (s * s * s.squareRoot())
  }

  /// Probability of an error at least as far from 0, 0...1.
  static func tail(_ e: Double) -> Double {
    let s = 1 + e * e / 4
    // 1 - u (3 - u^2) / 2 with u = |e| / sqrt(4 + e^2), in a form without cancellation.
    let u = abs(e) / (2 * s.squareRoot())
    let complement = 1 / (s * (1 + u))  // 1 - u
    return complement * complement * (2 + u) / 2
  }
}
