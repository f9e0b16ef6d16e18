import Evaluation
import Series
import Testing

@Suite struct NABOutcomeTests {
  /// Two series, two runs; the second budget finds both anomalies in run 0 and nothing in run 1.
  private func outcomes() throws -> [NABOutcome] {
    [
      NABOutcome(
        series: try series(100, windows: [40...49]),
        runs: [
          .init(alarms: [40], alternatives: [[20], [40]]),
          .init(alarms: [40], alternatives: [[], []]),
        ]
      ),
      NABOutcome(
        series: try series(100, windows: [60...69], name: "b.csv"),
        runs: [
          .init(alarms: [], alternatives: [[60], [60]]),
          .init(alarms: [60, 20], alternatives: [[], []]),
        ]
      ),
    ]
  }

  @Test func `scores each run over all series`() throws {
    let total = NABOutcome.total(of: try outcomes(), profile: standard)
    #expect(total.runs.map(\.detectedWindows) == [1, 2])
    #expect(total.runs.map(\.falseAlarms) == [0, 1])
    #expect(abs(try #require(total.runs[0].normalised) - 50) < 1e-9)
  }

  @Test func `picks in hindsight one budget for all series, never worse than the given one`() throws
  {
    let hindsight = NABOutcome.hindsight(of: try outcomes(), profile: standard)
    #expect(abs(try #require(hindsight.runs[0].normalised) - 100) < 1e-9)
    let own = NABOutcome.total(of: try outcomes(), profile: standard)
    #expect(hindsight.runs[1] == own.runs[1])
  }
}
