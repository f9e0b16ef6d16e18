internal import Models

/// Errors of one-step forecasts, and of the last value used as the forecast, by column.
struct ForecastMisses: Sendable {
  /// The place of each column in the recording.
  private let places: [Int?]
  private var ours: [Double]
  private var theirs: [Double]
  private var counts: [Double]

  /// Without any rows.
  init(places: [Int?]) {
    self.places = places
    ours = places.map { _ in 0 }
    theirs = ours
    counts = ours
  }

  /// Adds a row and its expected values; NaN if unknown.
  mutating func take(_ expected: [Double], at row: Int, of table: RecordedTable) {
    guard row > 0 else { return }
    for (column, place) in places.enumerated() {
      guard let place, expected[column].isFinite else { continue }
      let (value, before) = (table[row, place], table[row - 1, place])
      guard value.isFinite, before.isFinite else { continue }
      ours[column] += (value - expected[column]) * (value - expected[column])
      theirs[column] += (value - before) * (value - before)
      counts[column] += 1
    }
  }

  /// Root mean squared errors by column, in its own unit; columns without any forecast are omitted.
  func errors(
    of columns: [ModelColumn]
  ) -> [(column: String, model: Double, lastValue: Double)] {
    columns.indices.compactMap { column in
      guard counts[column] > 0 else { return nil }
      return (
        columns[column].name, (ours[column] / counts[column]).squareRoot(),
        (theirs[column] / counts[column]).squareRoot()
      )
    }
  }
}
