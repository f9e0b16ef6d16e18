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
