package import Series

/// A trained model on its way through a recording, row by row.
package final class ModelRun {
  /// What is known about a row.
  package struct Row: Sendable {
    /// The row's time.
    package var timestamp: Timestamp
    /// Score and alarm.
    package var verdict: RowJudge.Verdict
    /// What was expected of each column, in its own unit; NaN where unknown, or where the column is
    /// transformed.
    package var expected: [Double]
    /// Each column's part in the score, adding up to 1.
    package var shares: [Double]
  }

  /// Rows that are read at once: networks of windows run many windows together.
  private static let chunk = 512

  private let model: TrainedModel
  private let reader: any RowReader
  private var judge: RowJudge

  /// A run; nil for a kind that this program does not know.
  package init?(_ model: TrainedModel) {
    guard let reader = model.reader else { return nil }
    self.model = model
    self.reader = reader
    judge = model.judge
  }

  /// Judges all rows of a table, one after the other; none knows of a later one.
  /// - Parameter body: called for each row, left out those with gaps if the model skips them.
  package func judge(_ table: RecordedTable, _ body: (Int, Row) -> Void)
    throws(TrainedModel.ReadingError)
  {
    let places = model.places(in: table)
    let missing = zip(places, model.columns).filter { $0.0 == nil }.map(\.1.name)
    guard missing.isEmpty else { throw .missingColumns(missing) }
    var preparer = model.preparer
    var tape = model.tape
    var rows: [Int] = []
    for row in 0..<table.count {
      if preparer.append(row, of: table, places: places, counts: true, to: &tape) {
        rows.append(row)
      }
      guard tape.count == ModelRun.chunk || row == table.count - 1, tape.count > 0 else {
        continue
      }
      judge(tape, of: table, rows, body)
      tape.removeAll()
      rows.removeAll(keepingCapacity: true)
    }
  }

  private func judge(
    _ tape: RowTape, of table: RecordedTable, _ rows: [Int], _ body: (Int, Row) -> Void
  ) {
    var (errors, forecasts): ([Float], [Float]) = ([], [])
    reader.read(tape, errors: &errors, forecasts: &forecasts)
    let (width, columns) = (reader.width, model.columns)
    for (index, row) in rows.enumerated() {
      if tape.begins[index] { judge.forget() }
      let verdict = errors.withUnsafeBufferPointer { errors in
        errors.baseAddress.map { judge.judge($0 + index * width) } ?? RowJudge.Verdict()
      }
      var shares = [Double](repeating: 0, count: columns.count)
      for (error, share) in verdict.shares.enumerated() {
        shares[reader.column(of: error)] += share
      }
      let expected = columns.indices.map { column in
        columns[column].transform == .none
          ? Double(forecasts[index * columns.count + column]) * columns[column].scale
            + columns[column].mean : .nan
      }
      body(
        row,
        Row(
          timestamp: table.timestamps[row], verdict: verdict, expected: expected, shares: shares))
    }
  }
}
