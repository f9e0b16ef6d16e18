package import Models

/// A simple detector for comparison: fitted to the first rows of a recording, then judging the
/// rest, using only earlier rows for each row.
package protocol Baseline: Sendable {
  /// Its name in commands.
  static var name: String { get }
  /// What it is.
  static var summary: String { get }

  /// How far each row is from usual, in any unit; NaN if unknown.
  /// - Parameters:
  ///   - tape: rows in standard units.
  ///   - fitted: the number of rows, the first of the tape, that it may be fitted to.
  static func distances(_ tape: RowTape, fitted: Int) -> [Double]
}

/// All of them.
package enum Baselines {
  /// In the order in which they are listed.
  package static let all: [any Baseline.Type] = [
    LastValueBaseline.self, MovingScoreBaseline.self, ChangeScoreBaseline.self,
    WindowedGaussianBaseline.self, SeasonalNaiveBaseline.self, AutoregressionBaseline.self,
    ComponentsBaseline.self,
  ]

  /// The one of that name.
  package static func named(_ name: String) -> (any Baseline.Type)? {
    all.first { $0.name == name }
  }
}

extension Baseline {
  /// Judges a recording with an alarm rule that is fitted to the same rows as the baseline; those
  /// do not count.
  package static func judge(
    _ table: RecordedTable, fitted: Int, rule form: AlarmRule.Form
  ) -> JudgedSeries {
    let (columns, _) = ModelColumn.fit([table.rows(0..<min(fitted, table.count))], transform: .none)
    var preparer = RowPreparer(
      columns: columns, clock: .none, interval: table.interval, gaps: .fill)
    var tape = RowTape(columns: columns.count, clockCount: 0)
    let places = columns.map { column in table.columns.firstIndex(of: column.name) }
    for row in 0..<table.count {
      preparer.append(row, of: table, places: places, counts: true, to: &tape)
    }
    var rule = AlarmRule(form)
    let distances =
      columns.isEmpty
      ? Array(repeating: .nan, count: table.count) : distances(tape, fitted: fitted)
    rule.fit(Array(distances.prefix(fitted)))
    var series = JudgedSeries(name: table.name)
    for row in 0..<table.count {
      let isFitted = row < fitted
      let score = isFitted ? .nan : rule.score(distances[row])
      let label: RowLabel =
        isFitted || !distances[row].isFinite
        ? .uncounted : table.labels?[row] == true ? .anomalous : .normal
      series.append(
        at: table.timestamps[row], label: label, score: score, alarm: !isFitted && score >= 1)
    }
    return series
  }

  /// The largest of some distances by column; NaN if none is known.
  static func largest(_ columns: Int, _ distance: (Int) -> Double) -> Double {
    var result = Double.nan
    for column in 0..<columns {
      let value = distance(column)
      if value.isFinite, !(result >= value) { result = value }
    }
    return result
  }
}

extension RowTape {
  /// A value as a double; the last one in a gap.
  func value(_ row: Int, _ column: Int) -> Double { Double(filled[row * columns + column]) }

  /// The root of the mean square of `body` over a column's rows.
  func scale(_ rows: Range<Int>, _ body: (Int) -> Double) -> Double {
    var (sum, count) = (0.0, 0.0)
    for row in rows {
      let value = body(row)
      guard value.isFinite else { continue }
      sum += value * value
      count += 1
    }
    return count > 0 && sum > 0 ? (sum / count).squareRoot() : 1
  }
}
