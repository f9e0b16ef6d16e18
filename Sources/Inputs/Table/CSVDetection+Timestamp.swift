import Series

/// Where the time stamps are, and how they are written.
extension CSVDetection {
  static let timestampNames: Set<String> = [
    "timestamp", "time", "datetime", "date", "ts", "date_time", "date time", "@timestamp",
    "time_stamp", "epoch", "unix", "unixtime", "unix_time", "utc",
  ]

  func timestampColumn(
    names: [String],
    data: [Int],
    width: Int
  ) throws(CSVLayoutError) -> (index: Int, format: CSVTimestampFormat)? {
    let index: Int
    switch table.timestampColumn {
    case .none: return nil
    case .column(.position(let position)):
      guard (1...min(width, CSVLimits.columns)).contains(position) else {
        throw .noSuchPosition(position, width: width)
      }
      index = position - 1
    case .column(.named(let name)):
      guard let found = CSVDetection.index(of: name, in: names) else {
        throw .noSuchColumn(name, found: names)
      }
      index = found
    case .automatic:
      return try likelyTimestamp(names: names, data: data, width: width)
    }
    guard table.timestampFormat == .automatic else {
      return (index, table.timestampFormat)
    }
    if let format = format(of: index, data: data, anyMagnitude: true) { return (index, format) }
    guard let row = data.first else { return (index, .iso8601) }
    throw unknownTimestamp(row, index, names)
  }

  func unknownTimestamp(_ row: Int, _ index: Int, _ names: [String]) -> CSVLayoutError {
    .unknownTimestamp(
      column: index < names.count ? "'\(names[index])'" : "number \(index + 1)",
      found: look(row, index) { Excerpt.text($0, $1) }
    )
  }

  func likelyTimestamp(
    names: [String],
    data: [Int],
    width: Int
  ) throws(CSVLayoutError) -> (index: Int, format: CSVTimestampFormat)? {
    let looked = 0..<min(width, CSVLimits.columns)
    let named = looked.filter {
      $0 < names.count && CSVDetection.timestampNames.contains(names[$0].lowercased())
    }
    if table.timestampFormat != .automatic {
      let given = table.timestampFormat
      let fits = { (index: Int) in
        !data.isEmpty
          && data.count { look($0, index) { given.parse($0, $1) != nil } } * 2 > data.count
      }
      let index = named.first(where: fits) ?? named.first ?? looked.first(where: fits)
      return index.map { ($0, given) }
    }
    for index in named {
      if let format = format(of: index, data: data, anyMagnitude: true) { return (index, format) }
      if data.isEmpty { return (index, .iso8601) }
    }
    if let index = named.first, let row = data.first { throw unknownTimestamp(row, index, names) }
    for index in looked {
      if let format = format(of: index, data: data, anyMagnitude: false) { return (index, format) }
    }
    return nil
  }

  /// The format that most cells of a column match. Numbers count as epoch time only between 1979
  /// and 2099 and if they never decrease, unless the column is known to hold time.
  func format(of column: Int, data: [Int], anyMagnitude: Bool) -> CSVTimestampFormat? {
    var dates = 0
    var numbers: [Double] = []
    for row in data {
      if look(row, column, { CSVTimestampFormat.iso8601.parse($0, $1) != nil }) { dates += 1 }
      if case .value(let number) = number(row, column) { numbers.append(number) }
    }
    if dates > 0, dates * 2 >= data.count { return .iso8601 }
    guard numbers.count > 0, numbers.count * 2 >= data.count else { return nil }
    let middle = numbers.sorted()[numbers.count / 2]
    if anyMagnitude { return abs(middle) >= 1e11 ? .epochMilliseconds : .epochSeconds }
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
    if numbers.allSatisfy({ (3e8...4.1e9).contains($0) }) { return .epochSeconds }
    if numbers.allSatisfy({ (3e11...4.1e12).contains($0) }) { return .epochMilliseconds }
    return nil
  }
}

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
