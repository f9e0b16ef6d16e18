import Series

/// Takes the layout of a file from its first lines.
struct CSVDetection {
  /// What was found.
  struct Result {
    var layout: CSVLayout
    /// How many of the lines are no rows: garbage before the table, and its header.
    var leadingLines: Int
    /// How many of those are garbage.
    var garbageLines: Int
    /// What a person should know: columns left out or missing.
    var remarks: [String]
  }

  private let configuration: CSVConfiguration
  private let lines: [[UInt8]]
  private let delimiter: UInt8
  /// The cells of each line, nil where a quote stays open.
  private let rows: [[Range<Int>]?]
  private let width: Int

  /// Looks at `lines`: without line ends and without blank ones.
  /// - Throws: ``CSVLayoutError/empty`` without any.
  init(lines: [[UInt8]], configuration: CSVConfiguration) throws(CSVLayoutError) {
    guard !lines.isEmpty else { throw .empty }
    self.configuration = configuration
    self.lines = lines
    if case .character(let given) = configuration.delimiter {
      delimiter = given
    } else {
      delimiter = CSVDetection.likeliestDelimiter(lines)
    }
    rows = CSVDetection.split(lines, delimiter)
    width = CSVDetection.commonWidth(rows)
  }

  /// The layout.
  /// - Throws: ``CSVLayoutError`` when the lines do not have what is configured.
  func result() throws(CSVLayoutError) -> Result {
    var first = rows.firstIndex { $0?.count == width } ?? 0
    var hasHeader = false
    if let name = namedColumns.first {
      guard configuration.header != .absent else { throw .nameWithoutHeader(name) }
      hasHeader = true
      let wanted = timestampName ?? name
      guard
        let header = rows.indices.first(where: { index in
          labels(of: index).contains { CSVDetection.isSame($0, wanted) }
        })
      else { throw .noSuchColumn(wanted, found: labels(of: first)) }
      first = header
    } else {
      hasHeader = headerIsLikely(at: first)
    }
    let names = hasHeader ? labels(of: first) : []
    let tableWidth = rows[first]?.count ?? width
    let data = rows.indices.filter {
      $0 >= (hasHeader ? first + 1 : first) && rows[$0]?.count == tableWidth
    }
    let timestamp = try timestampColumn(names: names, data: data, width: tableWidth)
    var remarks: [String] = []
    let values = try valueColumns(
      names: names,
      data: data,
      width: tableWidth,
      timestamp: timestamp?.index,
      &remarks
    )
    let layout = CSVLayout(
      delimiter: delimiter,
      width: tableWidth,
      hasHeader: hasHeader,
      timestampIndex: timestamp?.index,
      timestampLabel: timestamp.map { $0.index < names.count ? names[$0.index] : "" } ?? "",
      timestampFormat: timestamp?.format ?? .iso8601,
      columns: CSVLayout.names(for: values, prefix: configuration.effectivePrefix)
    )
    return Result(
      layout: layout,
      leadingLines: hasHeader ? first + 1 : first,
      garbageLines: first,
      remarks: remarks
    )
  }

  // MARK: Cells

  private static func split(_ lines: [[UInt8]], _ delimiter: UInt8) -> [[Range<Int>]?] {
    var tokens = CSVTokens()
    return lines.map { line in
      let bytes = line.span
      guard tokens.split(bytes, 0..<line.count, delimiter: delimiter) == .complete else {
        return nil
      }
      // Cells beyond the limit count, so that the width is right, but are never looked at.
      return (0..<tokens.count).map { $0 < CSVLimits.columns ? tokens.range($0) : 0..<0 }
    }
  }

  private func labels(of row: Int) -> [String] {
    let line = lines[row]
    return (rows[row] ?? []).prefix(CSVLimits.columns).map { CSVTokens.text(line.span, $0) }
  }

  /// Shows one cell to `body`; the row must have it.
  private func look<Result>(
    _ row: Int,
    _ column: Int,
    _ body: (Span<UInt8>, Range<Int>) -> Result
  ) -> Result {
    let line = lines[row]
    return body(line.span, rows[row]![column])
  }

  private func number(_ row: Int, _ column: Int) -> CSVNumber {
    look(row, column) { CSVNumber($0, $1) }
  }

  private func isDate(_ row: Int, _ column: Int) -> Bool {
    let format = configuration.timestampFormat
    let effective = format.needsDigitsOnly ? .iso8601 : format
    return look(row, column) { effective.parse($0, $1) != nil }
  }

  private func text(_ row: Int, _ column: Int) -> String {
    look(row, column) { CSVTokens.text($0, $1) }
  }

  private static func isSame(_ label: String, _ wanted: String) -> Bool {
    label == wanted || label.lowercased() == wanted.lowercased()
  }

  private static func index(of wanted: String, in names: [String]) -> Int? {
    names.firstIndex(of: wanted)
      ?? names.firstIndex { $0.lowercased() == wanted.lowercased() }
  }

  // MARK: Delimiter and width

  /// Spaces come last, for they also stand within dates; a comma comes after those that a person
  /// chooses because numbers are full of commas.
  private static func likeliestDelimiter(_ lines: [[UInt8]]) -> UInt8 {
    var best: (delimiter: UInt8, agreeing: Int) = (0x2C, 0)
    for candidate: UInt8 in [0x09, 0x3B, 0x7C, 0x2C, 0x20] {
      let rows = split(lines, candidate)
      let width = commonWidth(rows)
      let agreeing = width >= 2 ? rows.count { $0?.count == width } : 0
      if agreeing > best.agreeing { best = (candidate, agreeing) }
    }
    return best.delimiter
  }

  /// The width that most lines have; among equals the earliest.
  private static func commonWidth(_ rows: [[Range<Int>]?]) -> Int {
    var best = (width: 1, lines: 0)
    for row in rows {
      guard let row else { continue }
      let count = rows.count { $0?.count == row.count }
      if count > best.lines { best = (row.count, count) }
    }
    return best.width
  }

  // MARK: Header

  private var timestampName: String? {
    if case .column(.named(let name)) = configuration.timestampColumn { name } else { nil }
  }

  private var namedColumns: [String] {
    var names = timestampName.map { [$0] } ?? []
    if case .chosen(let columns) = configuration.values {
      for case .named(let name) in columns { names.append(name) }
    }
    return names
  }

  private func headerIsLikely(at first: Int) -> Bool {
    switch configuration.header {
    case .present: return true
    case .absent: return false
    case .automatic: break
    }
    guard let cells = rows[first] else { return false }
    let looked = 0..<min(cells.count, CSVLimits.columns)
    let isWordy = looked.allSatisfy { number(first, $0) == .text || text(first, $0).isEmpty }
    let holdsDate = looked.contains { isDate(first, $0) }
    if holdsDate { return false }
    if isWordy { return looked.contains { !text(first, $0).isEmpty } }
    // Columns may be called 1, 2, 3: then the name of the time stamp still tells.
    return number(first, 0) == .text
      && rows.indices.contains {
        $0 > first && rows[$0]?.count == cells.count
          && (isDate($0, 0) || { if case .value = number($0, 0) { true } else { false } }($0))
      }
  }

  // MARK: Time stamp

  private static let timestampNames: Set<String> = [
    "timestamp", "time", "datetime", "date", "ts", "date_time", "date time", "@timestamp",
    "time_stamp", "epoch", "unix", "unixtime", "unix_time", "utc",
  ]

  private func timestampColumn(
    names: [String],
    data: [Int],
    width: Int
  ) throws(CSVLayoutError) -> (index: Int, format: CSVTimestampFormat)? {
    let index: Int
    switch configuration.timestampColumn {
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
    guard configuration.timestampFormat == .automatic else {
      return (index, configuration.timestampFormat)
    }
    if let format = format(of: index, data: data, anyMagnitude: true) { return (index, format) }
    guard let row = data.first else { return (index, .iso8601) }
    throw unknownTimestamp(row, index, names)
  }

  private func unknownTimestamp(_ row: Int, _ index: Int, _ names: [String]) -> CSVLayoutError {
    .unknownTimestamp(
      column: index < names.count ? "'\(names[index])'" : "number \(index + 1)",
      found: look(row, index) { CSVLine.shown($0, $1) }
    )
  }

  private func likelyTimestamp(
    names: [String],
    data: [Int],
    width: Int
  ) throws(CSVLayoutError) -> (index: Int, format: CSVTimestampFormat)? {
    let looked = 0..<min(width, CSVLimits.columns)
    let named = looked.filter {
      $0 < names.count && CSVDetection.timestampNames.contains(names[$0].lowercased())
    }
    if configuration.timestampFormat != .automatic {
      let given = configuration.timestampFormat
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

  /// The format that most cells of a column are in. Numbers are taken for epoch time only between
  /// 1979 and 2099 and when they never fall, unless the column is known to hold time.
  private func format(of column: Int, data: [Int], anyMagnitude: Bool) -> CSVTimestampFormat? {
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

  // MARK: Values

  private func valueColumns(
    names: [String],
    data: [Int],
    width: Int,
    timestamp: Int?,
    _ remarks: inout [String]
  ) throws(CSVLayoutError) -> [(index: Int, label: String)] {
    var result: [(index: Int, label: String)] = []
    let label = { (index: Int) in index < names.count ? names[index] : "" }
    switch configuration.values {
    case .all:
      for index in 0..<min(width, CSVLimits.columns) where index != timestamp {
        // Three rows, so that one bad cell in the first row does not cost the column.
        if data.count >= 3, data.allSatisfy({ number($0, index) == .text }) {
          let found = look(data[0], index) { CSVLine.shown($0, $1) }
          remarks.append(
            "column \(label(index).isEmpty ? "number \(index + 1)" : "'\(label(index))'") holds "
              + "text such as '\(found)', leaving it out"
          )
        } else {
          result.append((index, label(index)))
        }
      }
    case .chosen(let columns):
      var missing: CSVLayoutError?
      for column in columns {
        switch column {
        case .position(let position) where (1...min(width, CSVLimits.columns)).contains(position):
          result.append((position - 1, label(position - 1)))
        case .position(let position): missing = .noSuchPosition(position, width: width)
        case .named(let name):
          if let index = CSVDetection.index(of: name, in: names) {
            result.append((index, label(index)))
          } else {
            missing = .noSuchColumn(name, found: names)
          }
        }
        if let missing { remarks.append("\(missing), reading the other columns") }
      }
      if result.isEmpty, let missing { throw missing }
    }
    guard !result.isEmpty else { throw .noValues }
    return result
  }
}

extension CSVTimestampFormat {
  /// Whether plain numbers follow this format, so that it cannot tell a date from a value.
  fileprivate var needsDigitsOnly: Bool {
    switch self {
    case .automatic, .epochSeconds, .epochMilliseconds: true
    case .iso8601, .pattern: false
    }
  }
}

extension CSVConfiguration {
  /// What metric names begin with.
  var effectivePrefix: String {
    if let prefix { return prefix }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file }
    return String(file[..<dot])
  }
}
