import Evaluation
import Series
import Testing

@Suite struct NABTotalTests {
  private func run(_ alarms: [Int]) throws -> NABScore {
    NABScore(
      alarms: alarms,
      in: try series(200, windows: [40...49, 90...109]),
      profile: standard
    )
  }

  @Test func `returns mean and sample deviation of the normalised scores`() throws {
    let total = NABTotal(runs: [try run([40, 90]), try run([]), try run([90])])
    #expect(abs(try #require(total.mean) - 50) < 1e-9)
    #expect(abs(try #require(total.deviation) - 50) < 1e-9)
    #expect(total.detectedWindows == 1)
    #expect(total.falseAlarms == 0)
  }

  @Test func `has no deviation after a single run`() throws {
    let total = NABTotal(runs: [try run([35, 40])])
    #expect(total.deviation == nil)
    #expect(total.falseAlarms == 1)
  }

  @Test func `has no mean if nothing is labelled`() throws {
    let total = NABTotal(
      runs: [NABScore(alarms: [50], in: try series(100), profile: standard)])
    #expect(total.mean == nil)
    #expect(total.deviation == nil)
  }
}
