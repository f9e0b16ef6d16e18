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
  var isSkipping = false
  /// The time of the last row that was accepted.
  var lastTimestamp: Timestamp?
  /// Whether the layout is to be taken from the lines at hand, as no more will come.
  var mustDecide = false
  /// What was wrong.
  var problems: ProblemLog<CSVProblem>

  /// The file's path, for messages and names.
  let path: String
  let table: TableSection
  /// The bytes at hand.
  var buffer = CSVLineBuffer()
  /// The cells of the record at hand.
  var tokens = CSVTokens.none
  /// The layout of the file before, for a file without a header.
  var inherited: CSVLayout?
  /// Whether nothing tells how time stamps of ``inherited`` are written.
  var isFormatUnknown = false
  /// With how many lines a layout could not be told the last time.
  var pendingLines = 0
  /// What local time means.
  var clock: CSVClock
  var rowsBehind = 0
  var lastBehind = Timestamp(nanoseconds: 0)

  init(path: String, table: TableSection) {
    self.path = path
    self.table = table
    clock = CSVClock(table.timeZone)
    problems = ProblemLog(path, quietPeriod: table.quietPeriod)
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

  /// Takes what many decoders share, to be given back before another one needs it.
  mutating func attach(_ scratch: inout CSVScratch) {
    buffer.attach(&scratch.window)
    swap(&tokens, &scratch.tokens)
  }

  /// Gives back what many decoders share.
  mutating func detach(_ scratch: inout CSVScratch) {
    buffer.detach(&scratch.window)
    swap(&tokens, &scratch.tokens)
  }

  /// Begins a file at its first byte. Columns are told from its header; a file that goes on with
  /// rows of the shape known before keeps the names known before.
  mutating func restart() {
    problems.settleAll()
    inherited = layout ?? inherited
    layout = nil
    move(to: 0, line: 1, isSkipping: false, tail: [])
  }

  /// Goes on at `offset` with a known layout; `tail` are the last bytes before it.
  mutating func resume(
    _ layout: CSVLayout?, offset: Int, line: Int?, isSkipping: Bool, tail: [UInt8]
  ) {
    if let layout { establish(layout) }
    move(to: offset, line: line, isSkipping: isSkipping, tail: tail)
  }

  /// Forgets what is buffered and goes on elsewhere in the file.
  private mutating func move(to offset: Int, line: Int?, isSkipping: Bool, tail: [UInt8]) {
    buffer.move(to: offset, line: line, tail: tail)
    self.isSkipping = isSkipping
    pendingLines = 0
    mustDecide = false
  }

  /// Forgets the bytes at hand that are not used up, to read them again.
  mutating func rewind() {
    buffer.move(to: offset, line: line, tail: [UInt8](buffer.tail))
  }

  /// Counts a last line without line end as malformed, for a file that nobody will finish.
  mutating func abandonTail(at now: Timestamp) {
    guard !isSkipping else { return }
    var start = buffer.start
    while let newline = buffer.newline(from: start) { start = newline + 1 }
    guard buffer.end > start else { return }
    let found = CSVLine.shown(buffer.bytes.span, start..<buffer.end)
    complain(
      .tornLine,
      at: now,
      "expected a line end, found the end of the file after '\(found)'",
      "the line is dropped"
    )
  }

  /// Reads more of the file, at most `limit` bytes.
  /// - Returns: how many bytes came, 0 at the end of the file; nil when the file no longer has the
  ///   bytes that were read before.
  mutating func fill(from source: some CSVByteSource, limit: Int) throws(CSVFileError) -> Int? {
    try buffer.fill(from: source, limit: limit)
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
}
