import Series

/// Detects the layout of a file from its first lines.
struct CSVDetection {
  /// What was found.
  struct Result {
    var layout: CSVLayout
    /// How many of the lines are not rows: garbage before the table, and its header.
    var leadingLines: Int
    /// How many of those are garbage.
    var garbageLines: Int
    /// Remarks for the user: columns left out or missing.
    var remarks: [String]
  }

  /// The file's path, for names.
  let path: String
  let table: TableSection
  let lines: [[UInt8]]
  let delimiter: UInt8
  /// The cells of each line, nil if a quote stays open.
  let rows: [[Range<Int>]?]
  let width: Int

  /// Examines `lines`: without line ends and without blank ones.
  /// - Throws: ``CSVLayoutError/empty`` without any.
  init(lines: [[UInt8]], path: String, table: TableSection) throws(CSVLayoutError) {
    guard !lines.isEmpty else { throw .empty }
    self.path = path
    self.table = table
    self.lines = lines
    delimiter = table.delimiter ?? CSVDetection.likeliestDelimiter(lines)
    rows = CSVDetection.split(lines, delimiter)
    width = CSVDetection.commonWidth(rows)
  }

  /// The layout.
  /// - Throws: ``CSVLayoutError`` if the lines do not match the configuration.
  func result() throws(CSVLayoutError) -> Result {
    var first = rows.firstIndex { $0?.count == width } ?? 0
    var hasHeader = false
    if let name = namedColumns.first {
      guard table.header != .absent else { throw .nameWithoutHeader(name) }
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
    let values: [(index: Int, label: String)]
    if let events = table.trace {
      values = try eventColumns(
        events, names: names, width: tableWidth, timestamp: timestamp?.index)
    } else {
      values = try valueColumns(
        names: names,
        data: data,
        width: tableWidth,
        timestamp: timestamp?.index,
        &remarks
      )
    }
    let layout = CSVLayout(
      delimiter: delimiter,
      width: tableWidth,
      hasHeader: hasHeader,
      timestampIndex: timestamp?.index,
      timestampLabel: timestamp.map { $0.index < names.count ? names[$0.index] : "" } ?? "",
      timestampFormat: timestamp?.format ?? .iso8601,
      columns: CSVLayout.names(for: values, prefix: table.metricPrefix(of: path))
    )
    return Result(
      layout: layout,
      leadingLines: hasHeader ? first + 1 : first,
      garbageLines: first,
      remarks: remarks
    )
  }
}

/// Whether there is a header, and which columns are delivered.
extension CSVDetection {
  var timestampName: String? {
    if case .column(.named(let name)) = table.timestampColumn { name } else { nil }
  }

  var namedColumns: [String] {
    var names = timestampName.map { [$0] } ?? []
    for case .named(let name)? in [table.trace?.event, table.trace?.thread] {
      names.append(name)
    }
    if case .chosen(let columns) = table.values {
      for case .named(let name) in columns { names.append(name) }
    }
    return names
  }

  func headerIsLikely(at first: Int) -> Bool {
    switch table.header {
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
    // Columns may be named 1, 2, 3: then the name of the time stamp still decides.
    return number(first, 0) == .text
      && rows.indices.contains {
        $0 > first && rows[$0]?.count == cells.count
          && (isDate($0, 0) || { if case .value = number($0, 0) { true } else { false } }($0))
      }
  }

  func valueColumns(
    names: [String],
    data: [Int],
    width: Int,
    timestamp: Int?,
    _ remarks: inout [String]
  ) throws(CSVLayoutError) -> [(index: Int, label: String)] {
    var result: [(index: Int, label: String)] = []
    let label = { (index: Int) in index < names.count ? names[index] : "" }
    switch table.values {
    case .all:
      for index in 0..<min(width, CSVLimits.columns) where index != timestamp {
        // Three rows, so that one bad cell in the first row does not cost the column.
        if data.count >= 3, data.allSatisfy({ number($0, index) == .text }) {
          let found = look(data[0], index) { Excerpt.text($0, $1) }
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

  /// The column of ids, followed by that of threads if there is one.
  func eventColumns(
    _ events: TraceColumns, names: [String], width: Int, timestamp: Int?
  ) throws(CSVLayoutError) -> [(index: Int, label: String)] {
    let label = { (index: Int) in index < names.count ? names[index] : "" }
    func place(of column: CSVColumn) throws(CSVLayoutError) -> Int {
      switch column {
      case .position(let position):
        guard (1...min(width, CSVLimits.columns)).contains(position) else {
          throw .noSuchPosition(position, width: width)
        }
        return position - 1
      case .named(let name):
        guard let index = CSVDetection.index(of: name, in: names) else {
          throw .noSuchColumn(name, found: names)
        }
        return index
      }
    }
    var thread: Int?
    if let column = events.thread { thread = try place(of: column) }
    var event: Int?
    if let column = events.event {
      event = try place(of: column)
    } else {
      event = (0..<min(width, CSVLimits.columns)).first { $0 != timestamp && $0 != thread }
    }
    guard let event, event != timestamp, event != thread else { throw .noEvents }
    return [event].map { ($0, label($0)) } + (thread.map { [($0, label($0))] } ?? [])
  }
}
