import Series

/// The first lines of a file, from which its layout is detected.
struct CSVSample {
  /// A line of text.
  struct Line {
    /// Its bytes in ``bytes``, without its line end.
    var range: Range<Int>
    /// Offset of the next line in the reader's buffer.
    var next: Int
  }

  /// A line, or several if a quoted cell contains line ends.
  struct Record {
    var range: Range<Int>
    /// Its cells, nil if a quote stays open. Cells beyond the limit are counted, so that the width
    /// is right, but never examined.
    var cells: [Range<Int>]?
    /// The index of its last line.
    var lastLine: Int
  }

  /// An already consumed header, if there is one, and then the lines.
  private(set) var bytes: [UInt8]
  private(set) var lines: [Line] = []
  /// Whether the first line is an already consumed header.
  let hasKeptHeader: Bool

  /// - Parameters:
  ///   - header: the header that was read before the lines, nil if there was none.
  ///   - text: the buffered bytes that contain the lines.
  ///   - lines: the lines, their ranges those in the buffer.
  init(after header: [UInt8]?, _ text: ArraySlice<UInt8>, _ lines: [Line]) {
    bytes = header ?? []
    hasKeptHeader = header != nil
    if header != nil { self.lines.append(Line(range: 0..<bytes.count, next: 0)) }
    let shift = bytes.count - text.startIndex
    bytes += text
    self.lines += lines.map { line in
      Line(
        range: line.range.lowerBound + shift..<line.range.upperBound + shift, next: line.next)
    }
  }

  /// The lines without the already consumed header.
  var readLines: ArraySlice<Line> { lines.dropFirst(hasKeptHeader ? 1 : 0) }

  /// The records that the lines form with a delimiter. A record that continues after the last line is
  /// left out.
  func records(delimiter: UInt8) -> [Record] {
    var tokens = CSVTokens()
    var result: [Record] = []
    var index = 0
    while index < lines.count {
      var last = index
      var range = lines[index].range
      var isClosed = tokens.split(bytes.span, range, delimiter: delimiter) == .complete
      let limit = min(index + CSVLimits.linesPerRecord, lines.count)
      while !isClosed, last + 1 < limit {
        last += 1
        range = range.lowerBound..<lines[last].range.upperBound
        isClosed = tokens.split(bytes.span, range, delimiter: delimiter) == .complete
      }
      if isClosed {
        let cells = (0..<tokens.count).map { $0 < CSVLimits.columns ? tokens.range($0) : 0..<0 }
        result.append(Record(range: range, cells: cells, lastLine: last))
      } else {
        if limit == lines.count, index > 0 { break }
        last = index
        result.append(Record(range: lines[index].range, cells: nil, lastLine: index))
      }
      index = last + 1
    }
    return result
  }

  /// The most frequent number of cells; the earliest on a tie.
  static func commonWidth(_ records: [Record]) -> Int {
    var counts: [Int: Int] = [:]
    for cells in records.lazy.compactMap(\.cells) { counts[cells.count, default: 0] += 1 }
    let most = counts.values.max()
    return records.lazy.compactMap(\.cells?.count).first { counts[$0] == most } ?? 1
  }

  /// The delimiter declared by Excel's first line `sep=;`; nil if `line` does not declare one.
  static func declaredDelimiter(_ line: Span<UInt8>) -> UInt8? {
    let trimmed = CSVTokens.trimming(line, 0..<line.count)
    var text = trimmed.map { line[$0] }
    if text.count == 7, text.first == 0x22, text.last == 0x22 { text = Array(text[1..<6]) }
    // A tab or a space at the end has been trimmed away.
    guard text.prefix(4).elementsEqual("sep=".utf8) else { return nil }
    if text.count == 5 { return text[4] }
    return text.count == 4 && line.count > trimmed.upperBound ? line[trimmed.upperBound] : nil
  }
}

/// The values of one row in the order of the layout's columns; created once and reused.
struct CSVRow {
  /// When the row was measured.
  var timestamp = Timestamp(nanoseconds: 0)
  /// The values; NaN if there is none.
  private(set) var values: [Double] = []
  /// Which cells are text and not delivered; all false unless ``hasText``.
  private(set) var isText: [Bool] = []
  /// Whether any cell is text.
  private(set) var hasText = false
  /// How many cells are gaps.
  private(set) var gaps = 0
  /// The index of the row's key in ``CSVKeys``; 0 if the table has no keys.
  var key = 0
  private var cells: [Int] = []
  private var units: [[UInt8]] = []
  private var hasUnits = false
  private var decimalComma = false

  /// Reserves space for rows of `layout`.
  mutating func prepare(for layout: CSVLayout) {
    values = [Double](repeating: .nan, count: layout.columns.count)
    isText = [Bool](repeating: false, count: layout.columns.count)
    hasText = false
    key = 0
    cells = layout.columns.map(\.index)
    units = layout.columns.map(\.unit)
    hasUnits = units.contains { !$0.isEmpty }
    decimalComma = layout.hasDecimalComma
  }

  /// Reads the cells of a record of the right width. Does not allocate.
  mutating func read(_ bytes: Span<UInt8>, _ tokens: borrowing CSVTokens) {
    if hasText {
      for column in isText.indices { isText[column] = false }
      hasText = false
    }
    gaps = 0
    for column in 0..<values.count {
      let cell = tokens.range(cells[column])
      switch CSVNumber(bytes, cell, decimalComma: decimalComma) {
      case .value(let value): values[column] = value
      case .gap:
        values[column] = .nan
        gaps += 1
      case .text:
        if hasUnits,
          let value = CellUnit.number(
            bytes, cell, unit: units[column], decimalComma: decimalComma)
        {
          values[column] = value
          continue
        }
        values[column] = .nan
        isText[column] = true
        hasText = true
      }
    }
  }
}

/// Buffers needed while reading a file, shared by all files of an input.
struct CSVScratch {
  /// The window of ``CSVLineBuffer``.
  var window = CSVLineBuffer.makeWindow()
  /// The cells of the current record.
  var tokens = CSVTokens()
  /// The streams of an input of events.
  var streams: TraceThreads?
}
