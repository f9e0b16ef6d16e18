import Evaluation
import Series
import Testing

@Suite struct NABOptimumTests {
  @Test func `finds the threshold that separates hits from false alarms in all series`() throws {
    let first = try series(100, windows: [40...49])
    let second = try series(100, windows: [60...69], name: "b.csv")
    var scores = [[Double](repeating: 0, count: 100), [Double](repeating: 0, count: 100)]
    scores[0][40] = 0.7
    scores[0][20] = 0.6
    scores[1][60] = 0.9
    scores[1][5] = 1.0  // in the probation
    let optimum = NABOptimum([(first, scores[0]), (second, scores[1])], profile: standard)
    #expect(optimum.threshold == 0.7)
    #expect(optimum.score.raw == 2)
    #expect(optimum.score.falseAlarms == 0)
  }

  @Test func `agrees with scoring the rows at its threshold one series at a time`() throws {
    let labelled = try series(400, windows: [100...139, 300...339])
    let scores = (0..<400).map { Double(($0 * 7919) % 97) / 97 }
    let optimum = NABOptimum([(labelled, scores)], profile: rewardLowFalseNegatives)
    let alarms = scores.indices.filter { scores[$0] >= optimum.threshold }
    let direct = NABScore(alarms: alarms, in: labelled, profile: rewardLowFalseNegatives)
    #expect(abs(direct.raw - optimum.score.raw) < 1e-9)
    #expect(direct.falseAlarms == optimum.score.falseAlarms)
    for threshold in stride(from: 0.0, through: 1.1, by: 0.01) {
      let rows = scores.indices.filter { scores[$0] >= threshold }
      let other = NABScore(alarms: rows, in: labelled, profile: rewardLowFalseNegatives)
      #expect(other.raw <= optimum.score.raw + 1e-9)
    }
  }

  @Test func `raises no alarm if every alarm would be false`() throws {
    let unlabelled = try series(100)
    let optimum = NABOptimum(
      [(unlabelled, [Double](repeating: 0.5, count: 100))],
      profile: standard
    )
    #expect(optimum.threshold == .infinity)
    #expect(optimum.score.raw == 0)
  }
}
