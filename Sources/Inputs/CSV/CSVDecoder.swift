import Series

/// Cuts the bytes of one file into lines, and lines into rows; keeps count of what is wrong.
///
/// A line that cannot be read is counted and skipped, and nothing else is: a row has the width of
/// the header or is malformed as a whole, for with a cell too few or too many nobody can tell
/// whose value is whose; a cell that is no number is left out alone. A header line in the middle
/// of the file renews the columns. Steady rows do not allocate.
struct CSVDecoder {
  /// What came of the bytes at hand.
  enum Step: Equatable {
    /// ``row`` holds the next row.
    case row
    /// There is no whole line left.
    case needsBytes
  }

  /// The row that was read last.
  var row = CSVRow()
  /// How rows are read; nil until enough lines are there to tell.
  var layout: CSVLayout?
  /// Grows with each new ``layout``.
  var layoutGeneration = 0
  /// Why the first lines could not be read as configured; nil once they could. The first reason
  /// stands: what comes after a header that was skipped only misleads.
  var layoutError: CSVLayoutError?
  /// Whether the rest of a line is being skipped.
  private(set) var isSkipping = false
  /// The time of the last row that was accepted.
  var lastTimestamp: Timestamp?
  /// Whether the layout is to be taken from the lines at hand, as no more will come.
  var mustDecide = false
  /// What was wrong.
  var problems: ProblemLog<CSVProblem>

  let configuration: CSVConfiguration
  /// The bytes at hand.
  var buffer = CSVLineBuffer()
  /// The cells of the record at hand.
  var tokens = CSVTokens()
  /// The layout of the file before, for a file without a header.
  var inherited: CSVLayout?
  /// With how many lines a layout could not be told the last time.
  var pendingLines = 0
  private var rowsBehind = 0
  private var lastBehind = Timestamp(nanoseconds: 0)

  init(configuration: CSVConfiguration) {
    self.configuration = configuration
    problems = ProblemLog(
      configuration.path,
      quietPeriod: configuration.quietPeriod
    )
  }

  /// Where in the file the first byte lies that is not used up.
  var offset: Int { buffer.offset }
  /// The number of the line there, from 1; nil when reading began in the middle.
  var line: Int? { buffer.line }
  /// Where in the file the next byte is to be read.
  var readOffset: Int { buffer.readOffset }

  /// What is wrong with a file that ended before there was a line to take a layout from.
  var emptyError: CSVLayoutError? { layout == nil ? .empty : nil }

  // MARK: Where to read

  /// Begins a file at its first byte. Columns are told from its header; a file that goes on with
  /// rows of the shape known before keeps the names known before.
  mutating func restart() {
    problems.settleAll()
    inherited = layout ?? inherited
    layout = nil
    move(to: 0, line: 1, isSkipping: false)
  }

  /// Goes on at `offset` with a known layout.
  mutating func resume(_ layout: CSVLayout?, offset: Int, line: Int?, isSkipping: Bool) {
    if let layout { establish(layout) }
    move(to: offset, line: line, isSkipping: isSkipping)
  }

  /// Forgets what is buffered and goes on elsewhere in the file.
  mutating func move(to offset: Int, line: Int?, isSkipping: Bool) {
    buffer.move(to: offset, line: line)
    self.isSkipping = isSkipping
    pendingLines = 0
    mustDecide = false
  }

  /// Counts a last line without line end as malformed, for a file that nobody will finish.
  mutating func abandonTail(at now: Timestamp) {
    guard buffer.end > buffer.start, !isSkipping else { return }
    let found = CSVLine.shown(buffer.bytes.span, buffer.start..<buffer.end)
    complain(
      .tornLine,
      at: now,
      "expected a line end, found the end of the file after '\(found)'",
      "the line is dropped"
    )
  }

  /// Reads more of the file, at most `limit` bytes.
  /// - Returns: how many bytes came; 0 at the end of the file.
  mutating func fill(from file: CSVFileHandle, limit: Int) throws(CSVFileError) -> Int {
    try buffer.fill(from: file, limit: limit)
  }

  // MARK: Rows

  /// Goes on to the next row.
  /// - Parameters:
  ///   - now: the moment of a row without a time stamp.
  ///   - isFinal: whether the file ends after the bytes at hand, so that a last line needs no
  ///     line end and first lines need no company.
  mutating func next(now: Timestamp, isFinal: Bool = false) -> Step {
    while true {
      guard !isSkipping else {
        guard let newline = buffer.newline(from: buffer.start) else {
          buffer.consume(upTo: buffer.end, lines: 0)
          return .needsBytes
        }
        isSkipping = false
        buffer.consume(upTo: newline + 1, lines: 1)
        continue
      }
      guard let layout else {
        guard detect(now: now, isFinal: isFinal) else { return .needsBytes }
        continue
      }
      guard let record = record(layout, isFinal: isFinal, at: now) else {
        return .needsBytes
      }
      if read(record, layout, at: now) { return .row }
    }
  }

  /// One record: a line, or lines where a quoted cell holds line ends.
  private struct Record {
    /// Its bytes without line end.
    var range: Range<Int>
    /// The first byte after its line end.
    var next: Int
    /// Where its first line ends.
    var firstLineEnd: Int
    var lines: Int
  }

  /// Finds and splits the next record; lines that are none are counted and used up.
  private mutating func record(
    _ layout: CSVLayout, isFinal: Bool, at now: Timestamp
  ) -> Record? {
    while true {
      guard let (range, next) = buffer.wholeLine(from: buffer.start, isFinal: isFinal) else {
        if buffer.exceedsLine { skipLongLine(at: now) }
        return nil
      }
      if range.count > CSVLimits.lineBytes {
        complain(.lineTooLong, at: now, CSVDecoder.longLineText, "the line is skipped")
        buffer.consume(upTo: next, lines: 1)
        continue
      }
      if CSVLine.isBlank(buffer.bytes.span, range) {
        buffer.consume(upTo: next, lines: 1)
        continue
      }
      if buffer.holdsNUL(range) {
        complain(
          .nulByte,
          at: now,
          "expected text, found a NUL byte",
          "the line is skipped"
        )
        buffer.consume(upTo: next, lines: 1)
        continue
      }
      var record = Record(range: range, next: next, firstLineEnd: next, lines: 1)
      let bytes = buffer.bytes
      while tokens.split(bytes.span, record.range, delimiter: layout.delimiter) == .openQuote {
        var isHopeless = record.lines == CSVLimits.linesPerRecord
        if !isHopeless, let (more, next) = buffer.wholeLine(from: record.next, isFinal: isFinal) {
          record.range = record.range.lowerBound..<more.upperBound
          record.next = next
          record.lines += 1
          // A line that makes a row by itself has been swallowed by a stray quote.
          isHopeless =
            record.range.count > CSVLimits.lineBytes || isRow(bytes.span, more, layout)
        } else if !isHopeless {
          guard isFinal || buffer.exceedsLine else { return nil }
          isHopeless = true
        }
        if isHopeless {
          complainOfQuote(at: now)
          buffer.consume(upTo: record.firstLineEnd, lines: 1)
          record.lines = 0
          break
        }
      }
      if record.lines > 0 { return record }
    }
  }

  /// Reads a record into ``row``; false when it is none, counted and used up.
  private mutating func read(_ record: Record, _ layout: CSVLayout, at now: Timestamp) -> Bool {
    guard tokens.count == layout.width else {
      return refuse(record, layout, .cellCount, at: now)
    }
    let timestamp: Timestamp
    if let index = layout.timestampIndex {
      guard let written = layout.timestampFormat.parse(buffer.bytes.span, tokens.range(index))
      else {
        return refuse(record, layout, .timestamp, at: now)
      }
      guard isInOrder(written, at: now) else {
        return refuse(record, layout, .timeOrder, at: now, found: written)
      }
      timestamp = written
    } else {
      if layout.isHeader(buffer.bytes.span, tokens) {
        return refuse(record, layout, .cellCount, at: now)
      }
      // Rows read at one moment still come one after the other.
      timestamp = lastTimestamp.map { max(now, $0.advanced(by: .microseconds(1))) } ?? now
    }
    let bytes = buffer.bytes
    row.read(bytes.span, tokens, layout)
    row.timestamp = timestamp
    lastTimestamp = timestamp
    if row.hasText { complainOfText(layout, at: now) }
    buffer.consume(upTo: record.next, lines: record.lines)
    return true
  }

  /// Counts and uses up a record that is no row, unless it is a header line.
  private mutating func refuse(
    _ record: Record,
    _ layout: CSVLayout,
    _ problem: CSVProblem,
    at now: Timestamp,
    found: Timestamp? = nil
  ) -> Bool {
    if problem != .timeOrder, layout.isHeader(buffer.bytes.span, tokens) {
      if isSameHeader(layout) {
        buffer.consume(upTo: record.next, lines: record.lines)
      } else {
        problems.inform("\(place): found a new header, reading the columns it names from here on")
        self.layout = nil
      }
      return false
    }
    if record.lines > 1 {
      // A stray quote has swallowed whole lines: only the first of them is lost.
      complainOfQuote(at: now)
      buffer.consume(upTo: record.firstLineEnd, lines: 1)
      return false
    }
    if problems.count(problem, at: now) {
      let text: String
      switch problem {
      case .timestamp:
        let cell = CSVLine.shown(buffer.bytes.span, tokens.range(layout.timestampIndex ?? 0))
        text = "expected a time stamp as \(layout.timestampFormat), found '\(cell)'"
      case .timeOrder:
        text =
          "expected a time after \(lastTimestamp?.iso8601 ?? ""), found \(found?.iso8601 ?? "")"
      default: text = "expected \(layout.width) cells, found \(tokens.count)"
      }
      problems.word(problem, "\(place): \(text); the row is skipped")
    }
    buffer.consume(upTo: record.next, lines: record.lines)
    return false
  }

  private func isSameHeader(_ layout: CSVLayout) -> Bool {
    tokens.count == layout.width
      && layout.columns.allSatisfy { column in
        let text = CSVTokens.text(buffer.bytes.span, tokens.range(column.index))
        return text == column.label || (text.isEmpty && column.label == "column\(column.index + 1)")
      }
  }

  private mutating func isInOrder(_ timestamp: Timestamp, at now: Timestamp) -> Bool {
    guard configuration.timeOrder == .increasing, let last = lastTimestamp, timestamp <= last else {
      rowsBehind = 0
      return true
    }
    rowsBehind = rowsBehind > 0 && timestamp > lastBehind ? rowsBehind + 1 : 1
    lastBehind = timestamp
    guard rowsBehind > CSVLimits.rowsBehind else { return false }
    problems.inform(
      "\(place): time goes on from \(timestamp.iso8601) after \(rowsBehind - 1) rows before "
        + "\(last.iso8601), taking it as set back"
    )
    rowsBehind = 0
    return true
  }

  mutating func skipLongLine(at now: Timestamp) {
    complain(
      .lineTooLong,
      at: now,
      CSVDecoder.longLineText,
      "what follows up to the next line end is skipped"
    )
    buffer.consume(upTo: buffer.end, lines: 0)
    isSkipping = true
  }

  // MARK: Complaints

  /// Where the line at hand is, for a person.
  private var place: String {
    line.map { "\(configuration.path):\($0)" } ?? "\(configuration.path) at byte \(offset)"
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

  private mutating func complainOfQuote(at now: Timestamp) {
    complain(
      .openQuote,
      at: now,
      "expected a closing quote within \(CSVLimits.linesPerRecord) lines, found none",
      "the line is skipped"
    )
  }

  private mutating func complainOfText(_ layout: CSVLayout, at now: Timestamp) {
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
