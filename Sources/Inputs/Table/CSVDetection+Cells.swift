import Series

/// The cells of the first lines: the separator and the contents.
extension CSVDetection {
  static func split(_ lines: [[UInt8]], _ delimiter: UInt8) -> [[Range<Int>]?] {
    var tokens = CSVTokens()
    return lines.map { line in
      let bytes = line.span
      guard tokens.split(bytes, 0..<line.count, delimiter: delimiter) == .complete else {
        return nil
      }
      // Cells beyond the limit are counted, so that the width is right, but never examined.
      return (0..<tokens.count).map { $0 < CSVLimits.columns ? tokens.range($0) : 0..<0 }
    }
  }

  func labels(of row: Int) -> [String] {
    let line = lines[row]
    return (rows[row] ?? []).prefix(CSVLimits.columns).map { CSVTokens.text(line.span, $0) }
  }

  /// Passes one cell to `body`; the row must have it.
  func look<Result>(
    _ row: Int,
    _ column: Int,
    _ body: (Span<UInt8>, Range<Int>) -> Result
  ) -> Result {
    let line = lines[row]
    return body(line.span, rows[row]![column])
  }

  func number(_ row: Int, _ column: Int) -> CSVNumber {
    look(row, column) { CSVNumber($0, $1) }
  }

  func isDate(_ row: Int, _ column: Int) -> Bool {
    let format = table.timestampFormat
    let effective = format.needsDigitsOnly ? .iso8601 : format
    return look(row, column) { effective.parse($0, $1) != nil }
  }

  func text(_ row: Int, _ column: Int) -> String {
    look(row, column) { CSVTokens.text($0, $1) }
  }

  static func isSame(_ label: String, _ wanted: String) -> Bool {
    label == wanted || label.lowercased() == wanted.lowercased()
  }

  static func index(of wanted: String, in names: [String]) -> Int? {
    names.firstIndex(of: wanted)
      ?? names.firstIndex { $0.lowercased() == wanted.lowercased() }
  }

  /// Spaces come last because they also occur within dates; a comma comes after separators that
  /// are always deliberate, because numbers contain commas.
  static func likeliestDelimiter(_ lines: [[UInt8]]) -> UInt8 {
    var best: (delimiter: UInt8, agreeing: Int) = (0x2C, 0)
    for candidate: UInt8 in [0x09, 0x3B, 0x7C, 0x2C, 0x20] {
      let rows = split(lines, candidate)
      let width = commonWidth(rows)
      let agreeing = width >= 2 ? rows.count { $0?.count == width } : 0
      if agreeing > best.agreeing { best = (candidate, agreeing) }
    }
    return best.delimiter
  }

  /// The most frequent width; the earliest on a tie.
  static func commonWidth(_ rows: [[Range<Int>]?]) -> Int {
    var best = (width: 1, lines: 0)
    for row in rows {
      guard let row else { continue }
      let count = rows.count { $0?.count == row.count }
      if count > best.lines { best = (row.count, count) }
    }
    return best.width
  }
}

extension CSVTimestampFormat {
  /// Whether plain numbers match this format, so that it cannot distinguish a date from a value.
  var needsDigitsOnly: Bool {
    switch self {
    case .automatic, .epochSeconds, .epochMilliseconds: true
    case .iso8601, .pattern: false
    }
  }
}
