import Models
import Networks
import Series
import Testing

@Suite struct RowJudgeTests {
  /// Two correlated errors, and a third independent one.
  private func errors(_ rows: Int, seed: UInt64 = 1) -> [Float] {
    var random = XorShift(seed: seed)
    return (0..<rows).flatMap { _ in
      let common = random.gaussian()
      return [
        Float(common + 0.1 * random.gaussian()), Float(common + 0.1 * random.gaussian()),
        Float(3 * random.gaussian()),
      ]
    }
  }

  private func distance(_ model: ErrorModel, _ errors: [Float]) -> (Double, [Double]) {
    var shares = [Double](repeating: 0, count: errors.count)
    return (model.distance(errors, shares: &shares), shares)
  }

  @Test func `a multivariate distance sees that errors no longer go together`() {
    var (both, alone) = (
      ErrorModel(form: .multivariate, width: 3), ErrorModel(form: .gaussian, width: 3)
    )
    both.fit(errors(5000))
    alone.fit(errors(5000))
    #expect(distance(both, [1, -1, 0]).0 > 3 * distance(both, [1, 1, 0]).0)
    #expect(abs(distance(alone, [1, -1, 0]).0 - distance(alone, [1, 1, 0]).0) < 0.05)
    #expect(abs(distance(alone, [1, 1, 3]).0 - 1) < 0.05)
  }

  @Test func `shares identify the unusual error`() {
    var model = ErrorModel(form: .multivariate, width: 3)
    model.fit(errors(5000))
    let (_, shares) = distance(model, [0, 0, 20])
    #expect(shares[2] > 0.95 * shares.reduce(0, +))
    #expect(distance(model, [.nan, .nan, 3]).0.isFinite)
  }

  @Test func `outliers in training hardly widen the usual range`() {
    var clean = ErrorModel(form: .gaussian, width: 1)
    var spoiled = clean
    var random = XorShift(seed: 2)
    var usual = (0..<2000).map { _ in Float(random.gaussian()) }
    clean.fit(usual)
    for place in stride(from: 0, to: 2000, by: 200) { usual[place] = 30 }
    spoiled.fit(usual)
    #expect(distance(spoiled, [5]).0 > 0.5 * distance(clean, [5]).0)
  }

  @Test(arguments: [AlarmRule.Form.quantile(0.99, factor: 1), .calibrated(budget: 100)])
  func `one normal row in a hundred alarms`(form: AlarmRule.Form) {
    var rule = AlarmRule(form)
    var random = XorShift(seed: 3)
    func distance() -> Double { abs(random.gaussian()) + 0.1 }
    rule.fit((0..<5000).map { _ in distance() })
    let alarms = (0..<20_000).count { _ in rule.score(distance()) >= 1 }
    #expect((80...500).contains(alarms), "\(alarms)")
    #expect(rule.score(8) > 1)
  }

  @Test func `a fixed threshold is used as chosen`() {
    var rule = AlarmRule(.fixed(2))
    rule.fit([5, 6, 7])
    #expect(rule.score(1.9) < 1 && rule.score(2) >= 1 && rule.score(.nan) == 0)
  }

  @Test func `a small error that lasts alarms where a single one does not`() {
    var judge = RowJudge(form: .gaussian, rule: .quantile(1, factor: 1.2), width: 1)
    var random = XorShift(seed: 4)
    judge.fit((0..<4000).map { _ in Float(random.gaussian()) })
    #expect(!judge.judge([1.8]).isAlarm)
    judge.forget()
    #expect((0..<40).contains { _ in judge.judge([1.8]).isAlarm })
    #expect(!judge.judge([.nan]).isKnown)
  }

  @Test func `a threshold from labels has the best point F1`() {
    var rule = AlarmRule(.labelled)
    // Of 1 anomaly above 0.8 and another at 0.5 with one normal row above it: both, F1 = 4/5.
    rule.fit([0.1, 0.9, 0.6, 0.5, 0.2, 0.7], labels: [0, 1, 0, 1, 0, .nan])
    #expect(abs((rule.fixedThreshold ?? 0) - 0.35) < 1e-9)
    #expect(rule.score(0.5) >= 1 && rule.score(0.3) < 1)
    rule.fit([0.1, 0.9], labels: [0, 0])
    #expect(rule.fixedThreshold == .infinity)
  }
}
