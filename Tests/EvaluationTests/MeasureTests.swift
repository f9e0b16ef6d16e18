import Evaluation
import Series
import Testing

/// Measures on a series in which every row is a letter: `A` anomalous and alarming, `m` anomalous
/// and missed, `f` a false alarm, `-` normal, `x` and `X` rows that do not count.
@Suite struct MeasureTests {
  private func series(_ letters: String, scores: [Double]? = nil) -> JudgedSeries {
    var series = JudgedSeries(name: "s")
    for (row, letter) in letters.enumerated() {
      let label: RowLabel =
        switch letter {
        case "A", "m": .anomalous
        case "x", "X": .uncounted
        default: .normal
        }
      let alarms = "AfX".contains(letter)
      series.append(
        at: Timestamp(seconds: Double(row) * 3600), label: label,
        score: scores?[row] ?? (alarms ? 2 : 0), alarm: alarms)
    }
    return series
  }

  @Test func `points are counted once each`() {
    let score = PointScore(series("xX--AAmf-m"))
    #expect(score.truePositives == 2 && score.falsePositives == 1)
    #expect(score.falseNegatives == 2 && score.trueNegatives == 3)
    #expect(score.precision == 2.0 / 3 && score.recall == 0.5)
    #expect(score.f1 == 4.0 / 7 && score.f1OfEverything == 8.0 / 12)
    #expect(score.falseAlarmRate == 0.25)
  }

  @Test func `events are matched by overlap`() {
    let score = EventScore(series("XX--mmAA---ff--f---mm--"), joining: 1, tolerance: 0)
    #expect(score.anomalies.count == 2 && score.found == 1)
    #expect(score.trueDetections == 1 && score.falseAlarms.count == 2)
    #expect(score.precision == 1.0 / 3 && score.recall == 0.5)
    #expect(score.medianDelay == .seconds(2 * 3600))
    #expect(score.days == 21.0 / 24 && score.falseAlarmsPerDay == 2 / (21.0 / 24))
    let joined = EventScore(series("XX--mmAA---ff--f---mm--"), joining: 4, tolerance: 0)
    #expect(joined.falseAlarms.isEmpty && joined.trueDetections == 1)
  }

  @Test func `an alarm just after an anomaly finds it within the tolerance`() {
    let late = series("---mm-f----")
    #expect(EventScore(late, joining: 1, tolerance: 0).found == 0)
    let tolerant = EventScore(late, joining: 1, tolerance: 2)
    #expect(tolerant.found == 1 && tolerant.falseAlarms.isEmpty)
  }

  @Test(arguments: ["", "-----", "xxx"])
  func `a series without labels or rows breaks no measure`(letters: String) {
    let (points, events) = (
      PointScore(series(letters)), EventScore(series(letters), joining: 1, tolerance: 0)
    )
    #expect(points.precision == nil && points.recall == nil)
    #expect(events.f1 == nil && events.recall == nil && events.medianDelay == nil)
    var area = AveragePrecision()
    area.add(series(letters))
    #expect(area.value == nil)
  }

  /// As computed by scikit-learn's average_precision_score for these numbers.
  @Test func `average precision ranks rows, ties together`() throws {
    var area = AveragePrecision()
    area.add(series("-m-m", scores: [0.1, 0.4, 0.35, 0.8]))
    #expect(abs(try #require(area.value) - 1) < 1e-12)
    area = AveragePrecision()
    area.add(series("--mm", scores: [0.1, 0.4, 0.35, 0.8]))
    #expect(abs(try #require(area.value) - 0.8333333333333333) < 1e-12)
    area = AveragePrecision()
    area.add(series("m-m-", scores: [0.5, 0.5, 0.5, .nan]))
    #expect(abs(try #require(area.value) - 2.0 / 3) < 1e-12)
  }

  @Test func `scores add up over series`() {
    var (points, events) = (
      PointScore(series("AA--")), EventScore(series("AA--"), joining: 1, tolerance: 0)
    )
    points += PointScore(series("mf"))
    events += EventScore(series("m--f"), joining: 1, tolerance: 0)
    #expect(points.truePositives == 2 && points.falseNegatives == 1 && points.falsePositives == 1)
    #expect(events.found == 1 && events.anomalies.count == 2 && events.precision == 0.5)
  }
}
