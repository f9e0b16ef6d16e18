import Networks
package import Series

/// Runs a trained model over a recording, row by row.
package final class ModelRun {
  /// What is known about a row.
  package struct Row: Sendable {
    /// The row's time.
    package var timestamp: Timestamp
    /// Score and alarm.
    package var verdict: RowJudge.Verdict
    /// The expected value of each column, in its own unit; NaN if unknown, or if the column is
    /// transformed.
    package var expected: [Double]
    /// Half the width of the 95% band that the forecast gives around it; NaN if unknown.
    package var margin: [Double]
    /// By the reader's error: the standard error; NaN if unknown. See ``ModelRun/horizons``.
    package var errors: [Float]
    /// Each column's share of the score, adding up to 1.
    package var shares: [Double]
  }

  /// 95% of a Student-t distribution with the 4 degrees of freedom of the forecasts lie within this many
  /// scales.
  package static let bandWidth: Float = 2.776

  /// The instruction set of the arithmetic, which the last bits of scores depend on.
  package static var instructionSet: String { Kernels.current.name }

  /// Rows read together: networks of windows process many windows together.
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

  /// By error: how many rows ahead its forecast was made; nil for none.
  package var horizons: [Int?] { (0..<reader.width).map(reader.horizon) }

  /// Judges all rows of a table, one after the other, without look-ahead.
  /// - Parameter body: called for each row, except those with gaps if the model skips them.
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
    var readings = RowReadings()
    reader.read(tape, into: &readings)
    let (width, columns, inputs) = (reader.width, model.columns, model.inputCount)
    for (index, row) in rows.enumerated() {
      if tape.begins[index] { judge.forget() }
      let verdict = readings.errors.withUnsafeBufferPointer { errors in
        errors.baseAddress.map { judge.judge($0 + index * width) } ?? RowJudge.Verdict()
      }
      var shares = [Double](repeating: 0, count: columns.count)
      for (error, share) in verdict.shares.enumerated() {
        model.spread(share, of: reader.column(of: error), over: &shares)
      }
      let expected = model.expected(
        Array(readings.forecasts[(index * inputs)..<((index + 1) * inputs)]))
      let margin = columns.indices.map { column in
        columns[column].transform == .none && model.components == nil
          ? Double(ModelRun.bandWidth * readings.scales[index * inputs + column])
            * columns[column].scale : .nan
      }
      body(
        row,
        Row(
          timestamp: table.timestamps[row], verdict: verdict, expected: expected, margin: margin,
          errors: Array(readings.errors[(index * width)..<((index + 1) * width)]), shares: shares))
    }
  }
}
