import Evaluation
import Glibc
import Models
import Series
import Testing

/// Baselines, and detectors compared with each other.
@Suite struct ComparisonTests {
  /// Rows a minute apart of two columns that follow a wave of 50 rows; the second one is constant
  /// where it is labelled.
  private func waves(rows: Int = 1200, broken: Range<Int>) -> RecordedTable {
    var table = RecordedTable(name: "waves.csv", columns: ["one", "two"])
    var state: UInt64 = 7
    for row in 0..<rows {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = Double(state >> 40) / Double(1 << 24) - 0.5
      table.append(at: Timestamp(seconds: 60 * Double(row)))
      table[row, 0] = sin(Double(row) / 25 * .pi) + 0.02 * noise
      table[row, 1] = broken.contains(row) ? 4 : cos(Double(row) / 25 * .pi) - 0.02 * noise
    }
    table.labels = (0..<rows).map(broken.contains)
    return table
  }

  @Test(arguments: Baselines.all.map { $0.name })
  func `each baseline detects a new value and excludes the rows it is fitted to`(
    name: String
  ) throws {
    let baseline = try #require(Baselines.named(name))
    let table = waves(broken: 900..<930)
    let series = baseline.judge(table, fitted: 300, rule: .quantile(0.999, factor: 1.5))
    #expect(series.labels[..<300].allSatisfy { $0 == .uncounted })
    #expect(series.count == 1200 && series.labels[500] == .normal)
    // A last value, or a moving mean, reacts to the change alone.
    let before = try #require(series.scores[300..<900].max())
    #expect(series.scores[900] > 2 * before, "\(series.scores[900]) after \(before)")
    #expect(series.alarms[900])
    // The future must not matter.
    let part = baseline.judge(table.rows(0..<800), fitted: 300, rule: .quantile(0.999, factor: 1.5))
    #expect(Array(part.scores[300...]) == Array(series.scores[300..<800]))
  }

  @Test func `a recording of one row, and one that is constant, break no baseline`() {
    var flat = RecordedTable(name: "flat", columns: ["one"])
    for row in 0..<40 {
      flat.append(at: Timestamp(seconds: Double(row)))
      flat[row, 0] = 3
    }
    for baseline in Baselines.all {
      for table in [flat, flat.rows(0..<1)] {
        let series = baseline.judge(table, fitted: 10, rule: .calibrated(budget: 100))
        #expect(series.count == table.count && !series.alarms.contains(true))
      }
    }
  }

  private func contender(_ name: String, _ alarms: [[Int]], uncounted: Int = 0)
    -> Comparison.Contender
  {
    Comparison.Contender(
      name: name,
      series: alarms.map { alarms in
        var series = JudgedSeries(name: "s")
        for row in 0..<100 {
          series.append(
            at: Timestamp(seconds: Double(row)),
            label: row < uncounted ? .uncounted : (50..<55).contains(row) ? .anomalous : .normal,
            score: alarms.contains(row) ? 2 : 0, alarm: alarms.contains(row))
        }
        return series
      })
  }

  private let matching = Scorecard.Matching(joining: 1, tolerance: 0)

  @Test func `the first detector is worse if the interval of the difference says so`() throws {
    let (good, poor) = (
      contender("good", Array(repeating: [51], count: 8)),
      contender("poor", Array(repeating: [10], count: 8))
    )
    let worse = try Comparison([poor, good], matching, by: .eventF1)
    #expect(worse.isFirstWorse && worse.rows[1].advantage?.difference == -1)
    #expect(worse.rows[1].advantage?.interval?.upper == -1 && worse.rows[0].advantage == nil)
    #expect(try !Comparison([good, poor], matching, by: .eventF1).isFirstWorse)
    #expect(try !Comparison([good, good], matching, by: .eventF1).isFirstWorse)
    // Two files are too few for an interval: the difference decides.
    let few = try Comparison(
      [contender("a", [[51], [10]]), contender("b", [[51], [51]])], matching, by: .pointF1)
    #expect(few.isFirstWorse && few.rows[1].advantage?.interval == nil)
  }

  @Test func `rows that one detector has not judged count for no detector`() throws {
    let comparison = try Comparison(
      [contender("a", [[10, 51]]), contender("b", [[51]], uncounted: 20)], matching, by: .eventF1)
    #expect(comparison.counted == 80 && comparison.uncounted == 20)
    #expect(comparison.rows[0].scorecard.points.falsePositives == 0)
    #expect(throws: Comparison.Failure.nothingInCommon) {
      try Comparison(
        [contender("a", [[]]), contender("b", [[]], uncounted: 100)], matching, by: .eventF1)
    }
    #expect(throws: Comparison.Failure.otherRows(detector: "b", series: "s")) {
      try Comparison([contender("a", [[], []]), contender("b", [[]])], matching, by: .eventF1)
    }
  }

  @Test func `pooled figures of all series at once are those of the whole`() throws {
    let card = Scorecard(
      contender("a", [[51], [10, 52], [60]]).series, matching)
    #expect(card.value(.pointF1) == card.points.f1)
    #expect(card.value(.eventF1) == card.events.f1)
    #expect(card.events.found == 2 && card.events.falseAlarms.count == 2)
    #expect(card.value(.pointF1, of: [2]) == 0)
  }
}
