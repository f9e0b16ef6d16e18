import Glibc

/// Searches for the parameters with the highest value by Bayesian optimisation (Snoek et al. 2012):
/// a Gaussian process over the trials so far, whose point of highest expected improvement is tried
/// next.
package struct Tuner: Sendable {
  /// A parameter between two bounds.
  package struct Parameter: Equatable, Sendable {
    /// Its name.
    package var name: String
    /// The bounds.
    package var range: ClosedRange<Double>
    /// Whether the scale is logarithmic.
    package var isLogarithmic: Bool
    /// Whether it is a whole number.
    package var isWhole: Bool

    /// A parameter.
    package init(
      _ name: String, _ range: ClosedRange<Double>, isLogarithmic: Bool, isWhole: Bool
    ) {
      self.name = name
      self.range = range
      self.isLogarithmic = isLogarithmic
      self.isWhole = isWhole
    }

    /// The value at a share of the way from the lower to the upper bound.
    func value(at share: Double) -> Double {
      let (low, high) = (range.lowerBound, range.upperBound)
      let value = isLogarithmic ? low * pow(high / low, share) : low + share * (high - low)
      return min(high, max(low, isWhole ? value.rounded() : value))
    }

    /// The share of the way at which a value lies.
    func share(of value: Double) -> Double {
      let (low, high) = (range.lowerBound, range.upperBound)
      guard high > low else { return 0.5 }
      let share = isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
      return min(1, max(0, share))
    }
  }

  /// Tried parameters and their result.
  package struct Trial: Equatable, Sendable {
    /// By parameter.
    package var parameters: [Double]
    /// The value to maximise.
    package var value: Double

    /// A trial.
    package init(parameters: [Double], value: Double) {
      self.parameters = parameters
      self.value = value
    }
  }

  /// The parameters.
  package let parameters: [Parameter]
  /// The trials so far; those whose value is not finite failed.
  package private(set) var trials: [Trial] = []
  private let seed: UInt64

  /// A search that has tried nothing.
  package init(_ parameters: [Parameter], seed: UInt64) {
    self.parameters = parameters
    self.seed = seed
  }

  /// Trials before the process is used: enough to distinguish dimensions.
  package var firstTrials: Int { max(4, 2 * parameters.count) }

  /// Adds the result of a trial.
  package mutating func add(_ trial: Trial) { trials.append(trial) }

  /// The best trial; nil if none has succeeded.
  package var best: Trial? { known.max { $0.value < $1.value } }

  private var known: [Trial] { trials.filter(\.value.isFinite) }

  /// The next parameters to try. Depends only on the trials so far, so that a search resumes where
  /// it stopped.
  package func next() -> [Double] {
    var random = Random(seed: seed &+ UInt64(trials.count) &* 0x9E37_79B9)
    let known = known
    guard trials.count >= firstTrials, let best else {
      // Halton's sequence fills the cube evenly.
      return values(
        at: parameters.indices.map { Tuner.halton(trials.count + 1, Tuner.primes[$0 % 12]) })
    }
    let points = known.map(shares)
    let process = GaussianProcess.fit(points: points, values: known.map(\.value)) {
      random.uniform()
    }
    let centre = shares(best)
    var (chosen, highest) = (centre, -Double.infinity)
    for draw in 0..<1000 {
      let point = parameters.indices.map { place in
        draw % 2 == 0
          ? random.uniform()
          : min(1, max(0, centre[place] + 0.1 * (random.uniform() + random.uniform() - 1)))
      }
      // Whole numbers are rounded to the same value: trying it again teaches nothing.
      let rounded = shares(Trial(parameters: values(at: point), value: 0))
      guard !points.contains(rounded) else { continue }
      let improvement = process.expectedImprovement(rounded, over: best.value)
      if improvement > highest { (chosen, highest) = (point, improvement) }
    }
    return values(at: chosen)
  }

  /// The share of the value's variation that each parameter explains on its own, according to the
  /// process; nil for too few trials.
  package var importance: [Double]? {
    let known = known
    guard known.count >= firstTrials else { return nil }
    var random = Random(seed: seed &+ 77)
    let process = GaussianProcess.fit(
      points: known.map(shares), values: known.map(\.value)
    ) { random.uniform() }
    let others = (0..<64).map { _ in parameters.map { _ in random.uniform() } }
    let total = Tuner.variance(others.map { process.predict($0).mean })
    return parameters.indices.map { place in
      let means = (0...10).map { step in
        others.reduce(0.0) { sum, point in
          var point = point
          point[place] = Double(step) / 10
          return sum + process.predict(point).mean
        } / Double(others.count)
      }
      return total > 0 ? min(1, Tuner.variance(means) / total) : 0
    }
  }

  private func shares(_ trial: Trial) -> [Double] {
    zip(parameters, trial.parameters).map { $0.share(of: $1) }
  }

  private func values(at point: [Double]) -> [Double] {
    zip(parameters, point).map { $0.value(at: $1) }
  }

  private static let primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]

  private static func halton(_ index: Int, _ base: Int) -> Double {
    var (result, share, rest) = (0.0, 1.0, index)
    while rest > 0 {
      share /= Double(base)
      result += share * Double(rest % base)
      rest /= base
    }
    return result
  }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  }

  /// Marsaglia's xorshift64.
  private struct Random {
    private var state: UInt64

    init(seed: UInt64) {
      state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
      for _ in 0..<8 { _ = uniform() }
    }

    mutating func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / 9_007_199_254_740_992
    }
  }
}
