import Calendar
import Config
import Glibc
import Series

/// The syntax of a table's files, columns and time stamps.
enum TableSyntax {
  /// Patterns of files.
  static let paths = ValueSyntax<[String]>(
    expectation: "absolute paths with white space between, which may be patterns such as "
      + "/var/log/app/*.csv",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text), !words.isEmpty else { return nil }
    let isPath = { (path: String) in
      path.hasPrefix("/") && path.utf8.count < 4096 && path.contains { $0 != "/" }
        && path.split(separator: "/").allSatisfy { Glob(String($0)) != nil }
    }
    return words.allSatisfy { isPath($0.text) } ? words.map(\.text) : nil
  } format: {
    $0.map { Words.format($0) }.joined(separator: " ")
  }

  /// Columns, or `all`.
  static let values = ValueSyntax<TableSection.Values>(
    expectation: "all, or column names or positions (the first is 1) with white space between",
    emptied: .all,
    adding: { before, more in
      switch (before, more) {
      case (.all, let values), (let values, .all): values
      case (.chosen(let columns), .chosen(let others)): .chosen(columns + others)
      }
    }
  ) { text in
    guard let words = Words.split(text) else { return nil }
    if words.isEmpty || words == [Word(text: "all", isQuoted: false)] { return .all }
    let columns = words.compactMap { CSVColumn($0) }
    return columns.count == words.count ? .chosen(columns) : nil
  } format: { values in
    switch values {
    case .all: "all"
    case .chosen(let columns): columns.map(\.word).joined(separator: " ")
    }
  }

  /// One column of a table; nil for the word `absent`.
  static func column(or absent: String) -> ValueSyntax<CSVColumn?> {
    ValueSyntax(
      expectation: "\(absent), or one column name or position (the first is 1)"
    ) { text in
      guard let words = Words.split(text), words.count == 1, let column = CSVColumn(words[0])
      else { return nil }
      return words[0] == Word(text: absent, isQuoted: false) ? .some(nil) : column
    } format: {
      $0.map(\.word) ?? absent
    }
  }

  static let timestampColumn = ValueSyntax<TableSection.TimestampColumn>(
    expectation: "auto, none, or one column name or position (the first is 1)"
  ) { text in
    guard let words = Words.split(text), words.count == 1, let column = CSVColumn(words[0])
    else { return nil }
    switch (words[0].text, words[0].isQuoted) {
    case ("auto", false): return .automatic
    case ("none", false): return TableSection.TimestampColumn.none
    default: return .column(column)
    }
  } format: { column in
    switch column {
    case .automatic: "auto"
    case .none: "none"
    case .column(let column): column.word
    }
  }

  static let timestampFormat = ValueSyntax<CSVTimestampFormat>(
    expectation: "\(CSVTimestampFormat.words), or a pattern such as %d.%m.%Y %H:%M:%S",
    reason: { text in
      guard text.contains("%") else { return nil }
      do throws(CSVTimestampPatternError) {
        _ = try CSVTimestampPattern(parsing: text)
        return nil
      } catch {
        return error.description
      }
    }
  ) { text in
    try? CSVTimestampFormat(parsing: text)
  } format: {
    $0.word
  }

  /// A time zone of this host's database.
  static let timeZone = ValueSyntax<TimeZoneRules>(
    expectation: "UTC, local, or the name of a zone below /usr/share/zoneinfo such as "
      + "Europe/Berlin"
  ) { text in
    ZoneFiles.rules(of: text) { name in getenv(name).map { String(cString: $0) } }
  } format: {
    $0.name
  }

  static let header = ValueSyntax<TableSection.Header>(expectation: "auto, yes or no") { text in
    if text == "auto" { return .automatic }
    return ValueSyntax.truth.parse(text).map { $0 ? .present : .absent }
  } format: {
    $0.rawValue
  }
}

extension CSVColumn {
  /// Maximum position of a column.
  private static let maximumPosition = 1_024

  /// A position, or a name; quotes make a number a name. Nil for position 0 and beyond
  /// ``maximumPosition``, and for an empty word.
  fileprivate init?(_ word: Word) {
    if !word.isQuoted, let position = Int(word.text) {
      guard (1...CSVColumn.maximumPosition).contains(position) else { return nil }
      self = .position(position)
    } else {
      guard !word.text.isEmpty else { return nil }
      self = .named(word.text)
    }
  }

  /// The column as one word; a name in quotes if it would read as a number or keyword.
  fileprivate var word: String {
    switch self {
    case .position(let position): String(position)
    case .named(let name):
      Words.format(name, quoting: Int(name) != nil || ["all", "auto", "none"].contains(name))
    }
  }
}

/// Detects the delimiter of a file's cells from its first lines.
enum CSVDelimiter {
  /// The delimiters tried, in the order in which they win a tie: spaces also occur within dates,
  /// and commas within numbers.
  private static let candidates: [UInt8] = [0x09, 0x3B, 0x7C, 0x2C, 0x20]

  /// The one that yields the most cells that can be parsed as numbers and dates, in lines of equal
  /// width; on a tie the one with which more lines have the same width.
  static func likeliest(_ sample: CSVSample) -> UInt8 {
    var best: (delimiter: UInt8, score: Double, agreeing: Int) = (0x2C, 0, 0)
    for candidate in candidates {
      let records = sample.records(delimiter: candidate)
      let width = CSVSample.commonWidth(records)
      guard width >= 2 else { continue }
      let agreeing = records.compactMap(\.cells).filter { $0.count == width }
      let score = agreeing.reduce(0.0) { sum, cells in
        let readable = cells.count { isReadable(sample.bytes.span, $0, candidate) }
        return sum + Double(readable) / Double(width)
      }
      let isTie = abs(score - best.score) < 1e-9
      if isTie ? agreeing.count > best.agreeing : score > best.score {
        best = (candidate, score, agreeing.count)
      }
    }
    return best.delimiter
  }

  private static func isReadable(
    _ bytes: Span<UInt8>, _ cell: Range<Int>, _ delimiter: UInt8
  ) -> Bool {
    if case .value = CSVNumber(bytes, cell, decimalComma: delimiter != 0x2C) { return true }
    let dates: [CSVTimestampFormat] = [.iso8601, .dayFirst, .monthFirst]
    return dates.contains { $0.parse(bytes, cell) != nil }
      || CSVDetection.isTimeOfDay(bytes, cell) || CellUnit.find(bytes, cell) != nil
  }
}
