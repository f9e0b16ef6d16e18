import Series

/// Splits the bytes of one file into lines and lines into rows, and counts what is malformed.
///
/// A malformed line is counted and skipped without affecting others. A row must have the width of
/// the header or is rejected as a whole, because with a cell too few or too many the values cannot
/// be attributed to columns; a cell that is not a number is dropped on its own. A header line in
/// the middle of the file redefines the columns. Rows of an unchanged layout do not allocate.
struct CSVDecoder {
  /// The result of advancing in the buffered bytes.
  enum Step: Equatable {
    /// ``row`` holds the next row.
    case row
    /// There is no complete line left.
    case needsBytes
  }

  /// The row read last.
  var row = CSVRow()
  /// How rows are read; nil until there are enough lines to decide.
  var layout: CSVLayout?
  /// Incremented with each new ``layout``.
  var layoutGeneration = 0
  /// Why the first lines could not be read as configured; nil once they could. The first reason is
  /// kept: errors after a skipped header are only misleading.
  var layoutError: CSVLayoutError?
  /// Whether the rest of a line is being skipped.
  var isSkipping = false
  /// Whether all skipped bytes are NUL, as in a hole of a sparse file.
  var isInHole = false
  /// The order of time of the rows; its ``CSVTimeOrder/last`` is the latest row of any key.
  var order = CSVTimeOrder()
  /// The keys, if the table has any.
  var keys = CSVKeys()
  /// Whether the layout must be taken from the buffered lines because no more will come.
  var mustDecide = false
  /// What was wrong.
  var problems: ProblemLog<CSVProblem>

  /// The file's path, for messages and names.
  let path: String
  let table: TableSection
  let isRecorded: Bool
  /// The buffered bytes.
  var buffer = CSVLineBuffer()
  /// The cells of the current record.
  var tokens = CSVTokens.none
  /// The layout of the previous file, for a file without a header.
  var inherited: CSVLayout?
  /// The header, while no layout is known.
  var keptHeader: CSVKeptHeader?
  /// The delimiter that the file itself declares.
  var declaredDelimiter: UInt8?
  /// Whether the file is encoded in UTF-16 and so cannot be read.
  var isUTF16 = false
  /// The end of the file, until the layout is known.
  var fileEnd: CSVFileEnd?
  /// The number of lines with which layout detection last failed.
  var pendingLines = 0
  /// What local time means.
  var clock: CSVClock

  /// - Parameter isRecorded: whether the file is a recording, so that relative times are kept.
  init(path: String, table: TableSection, isRecorded: Bool = false) {
    self.path = path
    self.table = table
    self.isRecorded = isRecorded
    clock = CSVClock(table.timeZone, isRecorded: isRecorded)
    problems = ProblemLog(path, quietPeriod: table.quietPeriod)
  }

  /// Offset in the file of the first unconsumed byte.
  var offset: Int { buffer.offset }
  /// The number of the line there, from 1; nil if reading began in the middle.
  var line: Int? { buffer.line }
  /// Offset in the file of the next byte to be read.
  var readOffset: Int { buffer.readOffset }

  /// The error of a file that ended before there was a line to detect a layout from.
  var emptyError: CSVLayoutError? { layout == nil ? .empty : nil }

  // MARK: Position

  /// Borrows the buffers shared by many decoders; return them before another one needs them.
  mutating func attach(_ scratch: inout CSVScratch) {
    buffer.attach(&scratch.window)
    swap(&tokens, &scratch.tokens)
  }

  /// Returns the shared buffers.
  mutating func detach(_ scratch: inout CSVScratch) {
    buffer.detach(&scratch.window)
    swap(&tokens, &scratch.tokens)
  }

  /// Begins a file at its first byte. Columns are taken from its header; a file that begins with
  /// rows of the previously known shape keeps the known names.
  mutating func restart() {
    problems.settleAll()
    inherited = layout ?? inherited
    layout = nil
    isUTF16 = false
    declaredDelimiter = nil
    move(to: 0, line: 1, isSkipping: false, tail: [])
  }

  /// Resumes at `offset` with a known layout; `tail` are the last bytes before it.
  mutating func resume(
    _ layout: CSVLayout?, offset: Int, line: Int?, isSkipping: Bool, tail: [UInt8]
  ) {
    if let layout { establish(layout) }
    move(to: offset, line: line, isSkipping: isSkipping, tail: tail)
  }

  /// Discards the buffer and continues elsewhere in the file.
  private mutating func move(to offset: Int, line: Int?, isSkipping: Bool, tail: [UInt8]) {
    buffer.move(to: offset, line: line, tail: tail)
    self.isSkipping = isSkipping
    isInHole = false
    pendingLines = 0
    mustDecide = false
  }

  /// Discards unconsumed buffered bytes, to read them again.
  mutating func rewind() {
    buffer.move(to: offset, line: line, tail: [UInt8](buffer.tail))
  }

  /// Counts a last line without line end as malformed, for a file that will not be completed.
  mutating func abandonTail(at now: Timestamp) {
    guard !isSkipping else { return }
    var start = buffer.start
    while let newline = buffer.newline(from: start) { start = newline + 1 }
    guard buffer.end > start else { return }
    let found = Excerpt.text(buffer.bytes.span, start..<buffer.end)
    complain(
      .tornLine,
      at: now,
      "expected a line end, found the end of the file after '\(found)'",
      "the line is dropped"
    )
  }

  /// Reads more of the file, at most `limit` bytes.
  /// - Returns: the number of bytes read, 0 at the end of the file; nil if the file no longer
  ///   contains the bytes that were read before.
  mutating func fill(from source: some CSVByteSource, limit: Int) throws(CSVFileError) -> Int? {
    try buffer.fill(from: source, limit: limit)
  }

  /// Skips the rest of a hole of the file, which may be of any size, without reading it; otherwise
  /// nothing.
  mutating func skipHole(in file: CSVFileHandle) throws(CSVFileError) {
    guard isInHole else { return }
    let next = try file.nextData(from: readOffset)
    guard next > readOffset else { return }
    let tail = try file.bytes(in: max(0, next - CSVLimits.tailBytes)..<next)
    buffer.move(to: next, line: line, tail: tail)
  }

  // MARK: Rows

  /// Advances to the next row.
  /// - Parameters:
  ///   - now: the time of a row without a time stamp.
  ///   - isFinal: whether the file ends after the buffered bytes, so that the last line needs no
  ///     line end and the layout is detected from the lines there are.
  mutating func next(now: Timestamp, isFinal: Bool = false) -> Step {
    while true {
      guard !isSkipping else {
        if isInHole {
          // A writer that continues at its old offset in a truncated file begins with a whole line.
          let text = buffer.firstText(in: buffer.start..<buffer.end)
          buffer.consume(upTo: text ?? buffer.end, lines: 0)
          guard text != nil else { return .needsBytes }
          (isSkipping, isInHole) = (false, false)
          continue
        }
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
}

/// Reports of malformed input.
extension CSVDecoder {
  /// The position of the current line, for a message.
  var place: String {
    line.map { "\(path):\($0)" } ?? "\(path) at byte \(offset)"
  }

  /// The report of the overlong line in `range`, which may be only its beginning.
  func longLineText(_ range: Range<Int>) -> String {
    buffer.isHole(range)
      ? "expected text, found more than \(CSVLimits.lineBytes) NUL bytes, as in a sparse file"
      : "expected a line of at most \(CSVLimits.lineBytes) bytes, found a longer one"
  }

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
      let found = Excerpt.text(buffer.bytes.span, tokens.range(layout.columns[column].index))
      let unit = Excerpt.text(layout.columns[column].unit)
      problems.word(
        .number,
        "\(place): column '\(layout.columns[column].label)': expected a number"
          + (unit.isEmpty ? "" : " in \(unit)")
          + ", found '\(found)'; the cell is left out, the others of the row are used"
      )
    }
  }
}
