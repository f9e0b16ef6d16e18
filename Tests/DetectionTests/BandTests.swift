import Detection
import Networks
import Series
import Testing

/// The displayed band (docs/detector.md, section 3), and which alarms the budget allows to page.
@Suite struct BandTests {
  enum Course: CaseIterable, CustomTestStringConvertible {
    case noise, heavyTails, spikes, counts, bursts

    func series(count: Int) -> [Double] {
      var random = XorShift(seed: 5)
      var level = 0.0
      return (0..<count).map { _ in
        let value = random.gaussian()
        switch self {
        case .noise: return 20 + value
        case .heavyTails:
          let spread = (0..<3).map { _ in random.gaussian() }.reduce(0) { $0 + $1 * $1 } / 3
          return 50 + value / spread.squareRoot()
        case .spikes: return 3 * abs(value) + (random.uniform() < 0.004 ? 500 : 0)
        case .counts: return max(0, (5 + 2.2 * value).rounded())
        case .bursts:
          level = random.uniform() < 0.02 ? 30 + 40 * random.uniform() : level * 0.7
          return (abs(value) * 0.3 + level).rounded()
        }
      }
    }

    var testDescription: String { "\(self)" }
  }

  private static func replay(_ values: [Double]) -> [Verdict] {
    let detector = ValueDetector(scratch: TrainingScratch())
    return values.enumerated().map { index, value in
      detector.step(Sample(timestamp: Timestamp(seconds: 1.7e9 + 60 * Double(index)), value: value))
    }
  }

  @Test(arguments: Course.allCases)
  func `99 percent lie inside, within half a point`(course: Course) {
    let values = course.series(count: 6000)
    let verdicts = BandTests.replay(values)
    let known = zip(values, verdicts).filter { $0.1.lower.isFinite }
    let inside = known.count { $0.0 >= $0.1.lower - 1e-9 && $0.0 <= $0.1.upper + 1e-9 }
    let share = Double(inside) / Double(known.count)
    #expect(known.count >= values.count - 2)
    #expect(abs(share - 0.99) < 0.005, "\(share)")
    // A series that is never negative has no band below 0.
    if course == .spikes || course == .counts { #expect(known.allSatisfy { $0.1.lower >= -1e-6 }) }
  }

  @Test func `it is sane in the first hundred samples and after a level shift`() {
    let noise = Course.noise.series(count: 3000)
    let verdicts = BandTests.replay(noise.enumerated().map { $0 < 2000 ? $1 : $1 + 300 })
    for verdict in verdicts[10..<100] {
      #expect((3.0...20).contains(verdict.upper - verdict.lower))
    }
    for verdict in verdicts[2100...] {
      #expect((300.0...340).contains(verdict.expected))
      #expect((3.0...40).contains(verdict.upper - verdict.lower))
    }
  }

  @Test func `a level far beyond all earlier ones is expected from the next sample on`() {
    // The table of earlier values learns the new level a sample or two later.
    var random = XorShift(seed: 3)
    var level = 0.0
    let values = (0..<510).map { row in
      level += random.gaussian()
      return row < 500 ? level : level + 1000
    }
    let verdicts = BandTests.replay(values)
    for row in 501..<510 {
      #expect(abs(verdicts[row].expected - values[row - 1]) < 100, "row \(row)")
    }
  }

  @Test func `spikes beyond the metric's own budget are recorded and do not page`() {
    func pages(isCharged: Bool) -> Int {
      let detector = ValueDetector(
        configuration: DetectorConfiguration(alarmBudget: 1000), scratch: TrainingScratch())
      var context = StepContext(.values)
      context.isCharged = isCharged
      var count = 0
      var random = XorShift(seed: 7)
      for index in 0..<12_000 {
        let value = random.gaussian() + (index % 250 == 37 ? 20 + 2 * random.gaussian() : 0)
        let verdict = detector.step(
          .value(value), at: Timestamp(seconds: 1.7e9 + 60 * Double(index)), context, next: nil)
        let excess = verdict.score - verdict.threshold
        let isPaging = verdict.alarm == .first && verdict.pages && excess >= 0.5
        if isPaging { count += 1 }
        if isCharged { detector.settle(isPaging: isPaging) }
      }
      return count
    }
    let (free, charged) = (pages(isCharged: false), pages(isCharged: true))
    #expect(free > 24, "the spikes exceed the budget of 12 by far: \(free)")
    #expect(charged <= 24, "\(charged)")
    #expect(charged >= 6, "\(charged)")
  }
}
