import Evaluation
import Glibc
import Testing

@Suite struct TunerTests {
  private let parameters = [
    Tuner.Parameter("width", 1...100, isLogarithmic: true, isWhole: true),
    Tuner.Parameter("share", 0...1, isLogarithmic: false, isWhole: false),
  ]

  /// Highest at width 20, whatever the share.
  private func value(_ parameters: [Double]) -> Double {
    let distance = log(parameters[0] / 20)
    return -distance * distance + 0.001 * parameters[1]
  }

  private func search(trials: Int, from: Tuner? = nil) -> Tuner {
    var tuner = from ?? Tuner(parameters, seed: 3)
    while tuner.trials.count < trials {
      let next = tuner.next()
      tuner.add(Tuner.Trial(parameters: next, value: value(next)))
    }
    return tuner
  }

  @Test func `finds the best parameters in few trials, and says which one mattered`() throws {
    let tuner = search(trials: 20)
    let best = try #require(tuner.best)
    #expect((17...23).contains(best.parameters[0]), "\(best)")
    #expect(tuner.trials.allSatisfy { $0.parameters[0] == $0.parameters[0].rounded() })
    #expect(tuner.trials.allSatisfy { (0...1).contains($0.parameters[1]) })
    let importance = try #require(tuner.importance)
    #expect(importance[0] > 0.7 && importance[1] < 0.2, "\(importance)")
  }

  @Test func `an interrupted search continues as if it had not been`() {
    let half = search(trials: 9)
    var resumed = Tuner(parameters, seed: 3)
    for trial in half.trials { resumed.add(trial) }
    #expect(search(trials: 14, from: resumed).trials == search(trials: 14).trials)
  }

  @Test func `a failed trial does not stop the search`() {
    var tuner = Tuner(parameters, seed: 3)
    for _ in 0..<8 { tuner.add(Tuner.Trial(parameters: tuner.next(), value: .nan)) }
    #expect(tuner.best == nil && tuner.importance == nil)
    #expect(tuner.next().count == 2)
  }

  /// Exactly known values leave nothing to improve.
  @Test func `a process passes through its points and is uncertain far away`() {
    let process = GaussianProcess(
      points: [[0.1], [0.5]], values: [1, 3], lengths: [0.2], noise: 1e-8)
    #expect(abs(process.predict([0.1]).mean - 1) < 1e-3)
    #expect(abs(process.predict([0.5]).mean - 3) < 1e-3)
    #expect(process.predict([0.5]).deviation < 0.01 && process.predict([5]).deviation > 0.99)
    #expect(process.expectedImprovement([0.1], over: 3) < 1e-6)
    #expect(process.expectedImprovement([0.9], over: 3) > 0.01)
  }

  /// Kernel of distance r: (1 + a + a^2/3) e^-a, a = sqrt(5) r. By hand for one point at 0 with the
  /// values 0 and 2 at 0 and 1: mean 1, deviation 1; predicted between, by symmetry, is the mean.
  @Test func `between two points of opposite values the mean is predicted`() {
    let process = GaussianProcess(points: [[0], [1]], values: [0, 2], lengths: [0.7])
    #expect(abs(process.predict([0.5]).mean - 1) < 1e-9)
  }
}
