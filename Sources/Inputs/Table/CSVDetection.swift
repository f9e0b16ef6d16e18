import Series

/// Detects the layout of a file from its first lines.
struct CSVDetection {
  /// What was found.
  struct Result {
    var layout: CSVLayout
    /// The index of the first record that is a row.
    var firstRow: Int
    /// Whether there are rows.
    var hasRows: Bool
    /// How many of the records before it are neither rows nor a header.
    var garbage: Int
    /// Remarks for the user: columns left out or missing.
    var remarks: [String]
  }

  /// The file's path, for names.
  let path: String
  let table: TableSection
  let sample: CSVSample
  let delimiter: UInt8
  let records: [CSVSample.Record]
  /// The most frequent number of cells, among the records other than the already consumed header.
  let width: Int
  /// Whether the already consumed header was a comment, which may not be a header.
  let isHeaderDoubtful: Bool
  /// Whether more lines may become available.
  let mayWait: Bool
  /// What ends a line.
  let lineEnd: UInt8

  /// Examines the records of `sample`.
  /// - Parameter declared: the delimiter declared by the file itself.
  /// - Throws: ``CSVLayoutError/empty`` if there are none.
  init(
    _ sample: CSVSample, path: String, table: TableSection, declared: UInt8?,
    isHeaderDoubtful: Bool, mayWait: Bool, lineEnd: UInt8
  ) throws(CSVLayoutError) {
    guard !sample.readLines.isEmpty else { throw .empty }
    self.path = path
    self.table = table
    self.sample = sample
    self.isHeaderDoubtful = isHeaderDoubtful
    self.mayWait = mayWait
    self.lineEnd = lineEnd
    delimiter = table.delimiter ?? declared ?? CSVDelimiter.likeliest(sample)
    records = sample.records(delimiter: delimiter)
    width = CSVSample.commonWidth(Array(records.dropFirst(sample.hasKeptHeader ? 1 : 0)))
  }

  /// The layout.
  /// - Throws: ``CSVLayoutError`` if the lines do not match the configuration.
  func result() throws(CSVLayoutError) -> Result {
    let header = try headerIndex()
    let first = header ?? firstOfWidth
    let names = header.map(labels) ?? []
    let tableWidth = records[first].cells?.count ?? width
    let firstRow = header.map { $0 + 1 } ?? first
    let data = records.indices.filter {
      $0 >= firstRow && records[$0].cells?.count == tableWidth
    }
    let columns = CSVColumnChoice(names: names, width: tableWidth)
    let time = try timePlace(names: names, data: data, width: tableWidth)
    var key: Int?
    if let column = table.key { key = try columns.index(of: column) }
    let isTaken = { (index: Int) in
      index == time?.index || index == time?.timeOfDayIndex || index == key
    }
    var remarks: [String] = []
    var values: [CSVLayout.Column]
    let prefix = table.metricPrefix(of: path)
    if let events = table.trace {
      let places = try columns.places(of: events, isTaken: isTaken)
      values = CSVLayout.names(for: places.map { ($0, columns.label($0)) }, prefix: prefix)
    } else {
      let places = try valueColumns(columns, data: data, isTaken: isTaken, &remarks)
      values = CSVLayout.names(for: places.map { ($0, columns.label($0)) }, prefix: prefix)
      for index in values.indices {
        values[index].unit = unit(of: values[index].index, data: data) ?? []
      }
    }
    let layout = CSVLayout(
      delimiter: delimiter,
      width: tableWidth,
      hasHeader: header != nil,
      lineEnd: lineEnd,
      timestampIndex: time?.index,
      timeOfDayIndex: time?.timeOfDayIndex,
      timestampLabel: time.map { columns.label($0.index) } ?? "",
      timestampFormat: time?.format ?? .iso8601,
      keyIndex: key,
      columns: values
    )
    let kept = sample.hasKeptHeader ? 1 : 0
    return Result(
      layout: layout,
      firstRow: firstRow,
      hasRows: !data.isEmpty,
      garbage: max(0, first - (first > 0 ? kept : 0)),
      remarks: remarks
    )
  }

  /// The bytes of the header, if there is one, for lines that are read later.
  var header: [UInt8]? {
    let found = (try? headerIndex()) ?? (headerIsLikely(at: firstOfWidth) ? firstOfWidth : nil)
    guard let found, let cells = records[found].cells, !cells.isEmpty else { return nil }
    return Array(sample.bytes[records[found].range])
  }
}

/// Whether there is a header.
extension CSVDetection {
  private var timestampName: String? {
    if case .column(.named(let name)) = table.timestampColumn { name } else { nil }
  }

  private var namedColumns: [String] {
    var names = timestampName.map { [$0] } ?? []
    for case .named(let name)? in [table.trace?.event, table.trace?.thread, table.key] {
      names.append(name)
    }
    if case .chosen(let columns) = table.values {
      for case .named(let name) in columns { names.append(name) }
    }
    return names
  }

  /// The first record of the usual width.
  private var firstOfWidth: Int {
    let first = sample.hasKeptHeader ? 1 : 0
    return records.indices.first { $0 >= first && records[$0].cells?.count == width }
      ?? min(first, records.count - 1)
  }

  /// The record that names the columns, nil if there is none.
  private func headerIndex() throws(CSVLayoutError) -> Int? {
    if let name = namedColumns.first {
      guard table.header != .absent else { throw .nameWithoutHeader(name) }
      let wanted = timestampName ?? name
      let found = records.indices.first { index in
        labels(of: index).contains { CSVColumnChoice.isSame($0, wanted) }
      }
      if let found { return found }
      throw .noSuchColumn(wanted, found: labels(of: keptHeader ?? firstOfWidth))
    }
    let first = firstOfWidth
    guard let kept = keptHeader else { return headerIsLikely(at: first) ? first : nil }
    if isHeaderDoubtful, table.header == .present { return first }
    // The file may have started over, with a header of its own.
    let isRenewed =
      looksLikeHeader(first)
      && (isHeaderDoubtful || labels(of: first).contains { CSVTimeName($0) != nil })
    return isRenewed ? first : kept
  }

  /// The already consumed header, if it fits the records.
  private var keptHeader: Int? {
    guard sample.hasKeptHeader, table.header != .absent, let cells = records[0].cells,
      cells.count == width,
      !isHeaderDoubtful || cells.indices.allSatisfy({ number(0, $0) == .text })
    else { return nil }
    return 0
  }

  private func headerIsLikely(at first: Int) -> Bool {
    switch table.header {
    case .present: return true
    case .absent: return false
    case .automatic: return looksLikeHeader(first)
    }
  }

  /// Whether a record consists of words, or of a name of time above a column of time.
  private func looksLikeHeader(_ first: Int) -> Bool {
    guard let cells = records[first].cells else { return false }
    let looked = 0..<min(cells.count, CSVLimits.columns)
    let isWordy = looked.allSatisfy { number(first, $0) == .text || text(first, $0).isEmpty }
    let holdsDate = looked.contains { isDate(first, $0) }
    if holdsDate { return false }
    if isWordy { return looked.contains { !text(first, $0).isEmpty } }
    // Columns may be named 1, 2, 3: then the name of the time stamp still decides.
    return number(first, 0) == .text
      && records.indices.contains {
        $0 > first && records[$0].cells?.count == cells.count
          && (isDate($0, 0) || { if case .value = number($0, 0) { true } else { false } }($0))
      }
  }
}

/// The cells, and the selection of columns.
extension CSVDetection {
  func labels(of record: Int) -> [String] {
    (records[record].cells ?? []).prefix(CSVLimits.columns).map {
      CSVTokens.text(sample.bytes.span, $0)
    }
  }

  /// Passes one cell to `body`; the record must have it.
  func look<Result>(
    _ record: Int, _ column: Int, _ body: (Span<UInt8>, Range<Int>) -> Result
  ) -> Result {
    body(sample.bytes.span, records[record].cells![column])
  }

  func number(_ record: Int, _ column: Int) -> CSVNumber {
    look(record, column) { CSVNumber($0, $1, decimalComma: delimiter != 0x2C) }
  }

  func text(_ record: Int, _ column: Int) -> String {
    look(record, column) { CSVTokens.text($0, $1) }
  }

  /// A cell as a message shows it.
  func excerpt(_ record: Int, _ column: Int) -> String {
    look(record, column) { Excerpt.text($0, $1) }
  }

  /// The unit of a column if most of its cells that are text are numbers with this one unit.
  private func unit(of column: Int, data: [Int]) -> [UInt8]? {
    var units: [[UInt8]: Int] = [:]
    var texts = 0
    for record in data where number(record, column) == .text {
      texts += 1
      look(record, column) { bytes, cell in
        guard let unit = CellUnit.find(bytes, cell) else { return }
        let text = unit.map { bytes[$0] }
        guard
          CellUnit.number(bytes, cell, unit: text, decimalComma: delimiter != 0x2C) != nil
        else { return }
        units[text, default: 0] += 1
      }
    }
    return units.first { $0.value * 2 > texts }?.key
  }

  private func valueColumns(
    _ columns: CSVColumnChoice, data: [Int], isTaken: (Int) -> Bool, _ remarks: inout [String]
  ) throws(CSVLayoutError) -> [Int] {
    var result: [Int] = []
    var textFound: String?
    switch table.values {
    case .all:
      for index in 0..<min(columns.width, CSVLimits.columns) where !isTaken(index) {
        // Three rows, so that one bad cell in the first row does not cost the column.
        if data.count >= 3, data.allSatisfy({ number($0, index) == .text }),
          unit(of: index, data: data) == nil
        {
          let found = excerpt(data[0], index)
          textFound = textFound ?? found
          remarks.append(
            "column \(columns.title(index)) holds text such as '\(found)', leaving it out")
        } else {
          result.append(index)
        }
      }
    case .chosen(let chosen):
      var missing: CSVLayoutError?
      for column in chosen {
        do throws(CSVLayoutError) {
          result.append(try columns.index(of: column))
        } catch {
          missing = error
        }
        if let missing { remarks.append("\(missing), reading the other columns") }
      }
      if result.isEmpty, let missing { throw missing }
    }
    guard !result.isEmpty else { throw .noValues(found: textFound) }
    return result
  }
}
