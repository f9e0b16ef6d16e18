import Models
import Series
import Testing

@Suite struct SynthesisTests {
  private func recipe(_ change: (inout SeriesRecipe) -> Void = { _ in }) -> SeriesRecipe {
    var recipe = SeriesRecipe()
    recipe.rows = 4000
    change(&recipe)
    return recipe
  }

  @Test(arguments: SeriesRecipe.Noise.allCases)
  func `noise has the requested deviation, and zero mean`(noise: SeriesRecipe.Noise) {
    let table = recipe {
      ($0.noise, $0.deviation, $0.rows) = (noise, 2, 50_000)
    }.table(name: "x")
    let values = (0..<table.count).map { table[$0, 0] - 50 }
    let mean = values.reduce(0, +) / Double(values.count)
    let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    #expect(abs(mean) < 0.1)
    // Student's variance with 3 degrees of freedom converges slowly.
    let isNear = abs(square.squareRoot() - 2) < (noise == .student ? 0.6 : 0.05)
    #expect(isNear, "\(square.squareRoot())")
  }

  @Test func `level, trend and seasons are where they should be`() {
    let table = recipe {
      ($0.deviation, $0.trend, $0.level) = (0, 2, 10)
      $0.seasons = [.init(period: 40, amplitude: 3)]
    }.table(name: "x")
    #expect(abs(table[10, 0] - (10 + 0.02 + 3)) < 1e-9)
    #expect(abs(table[2030, 0] - (10 + 4.06 - 3)) < 1e-9)
    #expect(SeasonalPeriod.rows(of: (0..<4000).map { table[$0, 0] - 0.002 * Double($0) }) == 40)
  }

  @Test(arguments: Injection.Kind.allCases)
  func `each anomaly is where its label is, and nowhere else`(kind: Injection.Kind) {
    let clean = recipe { $0.seasons = [.init(period: 100, amplitude: 5)] }.table(name: "x")
    var table = clean
    let placed = Injection.inject([Injection(kind, count: 3)], into: &table, seed: 5)
    #expect(placed.count == 3 && placed.allSatisfy { $0.kind == kind })
    #expect(placed.allSatisfy { $0.rows.lowerBound >= 400 })
    let labelled = table.labels?.count { $0 }
    #expect(labelled == 3 * kind.usualLength)
    for row in 0..<4000 {
      let isChanged =
        table[row, 0] != clean[row, 0] || table.timestamps[row] != clean.timestamps[row]
      if table.labels?[row] == false, kind != .level { #expect(!isChanged, "\(row)") }
    }
    for anomaly in placed {
      let changed = anomaly.rows.filter {
        table[$0, 0] != clean[$0, 0] || table.timestamps[$0] != clean.timestamps[$0]
      }
      #expect(changed.count > anomaly.rows.count / 2)
    }
    #expect(zip(table.timestamps, table.timestamps.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func `the same seed gives the same anomalies, and none overlap`() {
    var (one, other) = (recipe().table(name: "x"), recipe().table(name: "x"))
    let wanted = Injection.Kind.allCases.map { Injection($0, count: 2) }
    let placed = Injection.inject(wanted, into: &one, seed: 3)
    #expect(placed == Injection.inject(wanted, into: &other, seed: 3))
    #expect(one.values.map(\.bitPattern) == other.values.map(\.bitPattern))
    #expect(zip(placed, placed.dropFirst()).allSatisfy { $0.rows.upperBound < $1.rows.lowerBound })
    var crowded = recipe { $0.rows = 50 }.table(name: "x")
    #expect(Injection.inject([Injection(.level, count: 4)], into: &crowded, seed: 1).isEmpty)
  }

  @Test func `a series like another has its period and its levels`() throws {
    var source = recipe {
      $0.seasons = [.init(period: 50, amplitude: 10)]
    }.table(name: "x")
    for row in 1000..<1010 { source[row, 0] = 500 }
    source.labels = (0..<4000).map { (1000..<1010).contains($0) }
    let pattern = try #require(DistortedSeries(source, distortion: 0.1))
    #expect(pattern.period == 50)
    let like = pattern.table(name: "y", rows: 3000, seed: 2)
    let values = (0..<3000).map { like[$0, 0] }
    #expect(values.allSatisfy { $0 > 30 && $0 < 75 }, "what is labelled is not repeated")
    #expect(abs(SeasonalPeriod.rows(of: values) - 50) <= 3)
    #expect(like.values == pattern.table(name: "y", rows: 3000, seed: 2).values)
    #expect(like.values != pattern.table(name: "y", rows: 3000, seed: 3).values)
    #expect(DistortedSeries(source.rows(0..<5), distortion: 0.1) == nil)
  }
}
