import Series

/// Reports of what is wrong.
extension CSVDecoder {
  /// Where the current line is, for a message.
  var place: String {
    line.map { "\(path):\($0)" } ?? "\(path) at byte \(offset)"
  }

  static let longLineText =
    "expected a line of at most \(CSVLimits.lineBytes) bytes, found a longer one"

  mutating func complain(
    _ problem: CSVProblem,
    at now: Timestamp,
    _ text: @autoclosure () -> String,
    _ next: String
  ) {
    guard problems.count(problem, at: now) else { return }
    problems.word(problem, "\(place): \(text()); \(next)")
  }

  mutating func complainOfQuote(at now: Timestamp) {
    complain(
      .openQuote,
      at: now,
      "expected a closing quote within \(CSVLimits.linesPerRecord) lines, found none",
      "the line is skipped"
    )
  }

  mutating func complainOfText(_ layout: CSVLayout, at now: Timestamp) {
    for column in row.isText.indices where row.isText[column] {
      guard problems.count(.number, at: now) else { continue }
      let found = CSVLine.shown(buffer.bytes.span, tokens.range(layout.columns[column].index))
      problems.word(
        .number,
        "\(place): column '\(layout.columns[column].label)': expected a number, found "
          + "'\(found)'; the cell is left out, the others of the row are used"
      )
    }
  }
}
