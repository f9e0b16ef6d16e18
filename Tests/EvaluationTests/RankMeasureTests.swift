import Evaluation
import Series
import Testing

/// Measures whose expected values are computed by hand or by `Tests/Golden/measures.py`.
@Suite struct RankMeasureTests {
  private func series(
    _ rows: Int, anomalies: [ClosedRange<Int>], alarms: [Int] = [], uncounted: [Int] = [],
    score: (Int) -> Double = { _ in 0 }
  ) -> JudgedSeries {
    var series = JudgedSeries(name: "s")
    for row in 0..<rows {
      let label: RowLabel =
        uncounted.contains(row)
        ? .uncounted : anomalies.contains { $0.contains(row) } ? .anomalous : .normal
      series.append(
        at: Timestamp(seconds: Double(row)), label: label, score: score(row),
        alarm: alarms.contains(row))
    }
    return series
  }

  @Test(arguments: [
    (0, 0.38318593059626266), (1, 0.38318593059626266), (10, 0.4267920121911049),
    (20, 0.4623110935758144),
  ])
  func `the volume under the surface matches its authors' program`(
    longest: Int, expected: Double
  ) throws {
    let series = series(400, anomalies: [100...119, 250...257, 300...339]) { row in
      let isHigh = (95..<110).contains(row) || (305..<320).contains(row)
      return Double(row * 7919 % 1009) / 1009 + (isHigh ? 0.6 : 0)
    }
    let value = try #require(VolumeUnderSurface(series, longest: longest).value)
    #expect(abs(value - expected) < 1e-9, "\(value)")
  }

  @Test func `a volume needs an anomaly that counts`() {
    #expect(VolumeUnderSurface(series(50, anomalies: [])).value == nil)
    #expect(VolumeUnderSurface(series(5, anomalies: [2...2], uncounted: [2])).value == nil)
    let perfect = series(300, anomalies: [150...169]) { (150...169).contains($0) ? 1 : 0 }
    #expect((VolumeUnderSurface(perfect, longest: 0).value ?? 0) > 0.99)
  }

  @Test func `affiliation matches its authors' definition`() throws {
    let series = series(
      60, anomalies: [10...14, 30...39, 55...57], alarms: [2, 8, 9, 12, 45, 46])
    let measure = Affiliation(series)
    #expect(abs(try #require(measure.precision) - 0.41152173913043477) < 1e-12)
    #expect(abs(try #require(measure.recall) - 0.4039420289855073) < 1e-12)
  }

  /// Zone of 11 rows, an anomaly in its middle, one alarm 2 rows behind it: 8 of the 11 rows are at least
  /// as far away from the anomaly.
  @Test func `affiliation by hand`() throws {
    let near = Affiliation(series(11, anomalies: [5...5], alarms: [7]))
    #expect(near.precision == 8.0 / 11 && near.recall == 8.0 / 11)
    let exact = Affiliation(series(11, anomalies: [5...5], alarms: [5]))
    #expect(exact.precision == 1 && exact.recall == 1 && exact.f1 == 1)
    let none = Affiliation(series(11, anomalies: [5...5]))
    #expect(none.precision == nil && none.recall == 0 && none.f1 == 0)
    #expect(Affiliation(series(11, anomalies: [])).f1 == nil)
    var both = near
    both += none
    #expect(both.precision == 8.0 / 11 && both.recall == 4.0 / 11)
  }

  @Test func `the best threshold in hindsight has the highest F1`() throws {
    var measure = HindsightScore()
    // Ranks: anomalous 9, normal 8, anomalous 7 and 7 with a normal row of 7, rest.
    measure.add(
      series(8, anomalies: [0...0, 2...3]) { [9, 8, 7, 7, 7, 1, 0, .nan][$0] })
    let best = try #require(measure.best)
    #expect(best.threshold == 7 && abs(best.f1 - 6.0 / 8) < 1e-12)
    var empty = HindsightScore()
    empty.add(series(8, anomalies: []))
    #expect(empty.best == nil)
  }

  @Test func `coverage is counted by horizon`() {
    var one = BandCoverage()
    for row in 0..<10 { one.add(horizon: 4, isInside: row < 9) }
    one.add(horizon: 1, isInside: true)
    var both = one
    both += one
    #expect(both != one && both.shares.map(\.horizon) == [1, 4])
    #expect(both.shares.map(\.share) == [1, 0.9])
  }

  @Test func `an interval of a mean is about two standard errors wide on either side`() throws {
    let values = (0..<100).map { Double($0 % 10) }
    let interval = try #require(
      Bootstrap.interval(of: 100) { drawn in drawn.reduce(0) { $0 + values[$1] } / 100 })
    // Mean 4.5, standard deviation 2.872, standard error 0.2872.
    #expect(abs(interval.lower - (4.5 - 1.96 * 0.2872)) < 0.1)
    #expect(abs(interval.upper - (4.5 + 1.96 * 0.2872)) < 0.1)
    #expect(Bootstrap.interval(of: 4) { _ in 1 } == nil)
    #expect(Bootstrap.interval(of: 10) { _ in nil } == nil)
  }
}
