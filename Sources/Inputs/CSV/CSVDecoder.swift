import Glibc
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
  private(set) var row = CSVRow()
  /// How rows are read; nil until enough lines are there to tell.
  private(set) var layout: CSVLayout?
  /// Grows with each new ``layout``.
  private(set) var layoutGeneration = 0
  /// Why the first lines could not be read as configured; nil once they could. The first reason
  /// stands: what comes after a header that was skipped only misleads.
  private(set) var layoutError: CSVLayoutError?
  /// Where in the file the first byte lies that is not used up.
  private(set) var offset = 0
  /// The number of the line there, from 1; nil when reading began in the middle.
  private(set) var line: Int? = 1
  /// Whether the rest of a line is being skipped.
  private(set) var isSkipping = false
  /// The time of the last row that was accepted.
  var lastTimestamp: Timestamp?
  /// Whether the layout is to be taken from the lines at hand, as no more will come.
  var mustDecide = false
  /// What was wrong.
  var complaints: CSVComplaints

  private let configuration: CSVConfiguration
  private var tokens = CSVTokens()
  private var inherited: CSVLayout?
  private var pendingLines = 0
  private var rowsBehind = 0
  private var lastBehind = Timestamp(nanoseconds: 0)
  private var buffer: [UInt8] = []
  private var start = 0
  private var end = 0
  private var mayHoldNUL = false

  init(configuration: CSVConfiguration) {
    self.configuration = configuration
    complaints = CSVComplaints(
      path: configuration.path,
      quietPeriod: configuration.quietPeriod
    )
  }

  /// Where in the file the next byte is to be read.
  var readOffset: Int { offset + end - start }

  /// What is wrong with a file that ended before there was a line to take a layout from.
  var emptyError: CSVLayoutError? { layout == nil ? .empty : nil }

  // MARK: Where to read

  /// Begins a file at its first byte. Columns are told from its header; a file that goes on with
  /// rows of the shape known before keeps the names known before.
  mutating func restart() {
    complaints.settleAll()
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
    self.offset = offset
    self.line = line
    self.isSkipping = isSkipping
    start = 0
    end = 0
    mayHoldNUL = false
    pendingLines = 0
    mustDecide = false
  }

  /// Counts a last line without line end as malformed, for a file that nobody will finish.
  mutating func abandonTail(at now: Timestamp) {
    guard end > start, !isSkipping else { return }
    let found = CSVLine.shown(buffer.span, start..<end)
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
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 2 * CSVLimits.lineBytes) }
    let kept = end - start
    if start > 0 {
      buffer.withUnsafeMutableBytes { bytes in
        _ = memmove(bytes.baseAddress!, bytes.baseAddress! + start, kept)
      }
      start = 0
      end = kept
    }
    let room = min(buffer.count - end, limit)
    let position = readOffset
    var error: CSVFileError?
    let (count, hasNUL) = buffer.withUnsafeMutableBytes { bytes in
      let target = UnsafeMutableRawBufferPointer(rebasing: bytes[end..<end + room])
      do throws(CSVFileError) {
        let count = try file.read(into: target, at: position)
        return (count, count > 0 && memchr(target.baseAddress!, 0, count) != nil)
      } catch let caught {
        error = caught
        return (0, false)
      }
    }
    if let error { throw error }
    end += count
    mayHoldNUL = (mayHoldNUL && kept > 0) || hasNUL
    return count
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
        guard let newline = newline(from: start) else {
          consume(upTo: end, lines: 0)
          return .needsBytes
        }
        isSkipping = false
        consume(upTo: newline + 1, lines: 1)
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
      guard let (range, next) = wholeLine(from: start, isFinal: isFinal) else {
        if end - start > CSVLimits.lineBytes { skipLongLine(at: now) }
        return nil
      }
      if range.count > CSVLimits.lineBytes {
        complain(.lineTooLong, at: now, CSVDecoder.longLineText, "the line is skipped")
        consume(upTo: next, lines: 1)
        continue
      }
      if CSVLine.isBlank(buffer.span, range) {
        consume(upTo: next, lines: 1)
        continue
      }
      if mayHoldNUL, holdsNUL(range) {
        complain(
          .nulByte,
          at: now,
          "expected text, found a NUL byte",
          "the line is skipped"
        )
        consume(upTo: next, lines: 1)
        continue
      }
      var record = Record(range: range, next: next, firstLineEnd: next, lines: 1)
      let bytes = buffer
      while tokens.split(bytes.span, record.range, delimiter: layout.delimiter) == .openQuote {
        var isHopeless = record.lines == CSVLimits.linesPerRecord
        if !isHopeless, let (more, next) = wholeLine(from: record.next, isFinal: isFinal) {
          record.range = record.range.lowerBound..<more.upperBound
          record.next = next
          record.lines += 1
          // A line that makes a row by itself has been swallowed by a stray quote.
          isHopeless =
            record.range.count > CSVLimits.lineBytes || isRow(bytes.span, more, layout)
        } else if !isHopeless {
          guard isFinal || end - start > CSVLimits.lineBytes else { return nil }
          isHopeless = true
        }
        if isHopeless {
          complainOfQuote(at: now)
          consume(upTo: record.firstLineEnd, lines: 1)
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
      guard let written = layout.timestampFormat.parse(buffer.span, tokens.range(index)) else {
        return refuse(record, layout, .timestamp, at: now)
      }
      guard isInOrder(written, at: now) else {
        return refuse(record, layout, .timeOrder, at: now, found: written)
      }
      timestamp = written
    } else {
      if layout.isHeader(buffer.span, tokens) {
        return refuse(record, layout, .cellCount, at: now)
      }
      // Rows read at one moment still come one after the other.
      timestamp = lastTimestamp.map { max(now, $0.advanced(by: .microseconds(1))) } ?? now
    }
    let bytes = buffer
    row.read(bytes.span, tokens, layout)
    row.timestamp = timestamp
    lastTimestamp = timestamp
    if row.hasText { complainOfText(layout, at: now) }
    consume(upTo: record.next, lines: record.lines)
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
    if problem != .timeOrder, layout.isHeader(buffer.span, tokens) {
      if isSameHeader(layout) {
        consume(upTo: record.next, lines: record.lines)
      } else {
        complaints.inform("\(place): found a new header, reading the columns it names from here on")
        self.layout = nil
      }
      return false
    }
    if record.lines > 1 {
      // A stray quote has swallowed whole lines: only the first of them is lost.
      complainOfQuote(at: now)
      consume(upTo: record.firstLineEnd, lines: 1)
      return false
    }
    if complaints.count(problem, at: now) {
      let text: String
      switch problem {
      case .timestamp:
        let cell = CSVLine.shown(buffer.span, tokens.range(layout.timestampIndex ?? 0))
        text = "expected a time stamp as \(layout.timestampFormat), found '\(cell)'"
      case .timeOrder:
        text =
          "expected a time after \(lastTimestamp?.iso8601 ?? ""), found \(found?.iso8601 ?? "")"
      default: text = "expected \(layout.width) cells, found \(tokens.count)"
      }
      complaints.word(problem, "\(place): \(text); the row is skipped")
    }
    consume(upTo: record.next, lines: record.lines)
    return false
  }

  private func isSameHeader(_ layout: CSVLayout) -> Bool {
    tokens.count == layout.width
      && layout.columns.allSatisfy { column in
        let text = CSVTokens.text(buffer.span, tokens.range(column.index))
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
    complaints.inform(
      "\(place): time goes on from \(timestamp.iso8601) after \(rowsBehind - 1) rows before "
        + "\(last.iso8601), taking it as set back"
    )
    complaints.summarize(.timeOrder)
    rowsBehind = 0
    return true
  }

  // MARK: Layout

  /// Takes the layout from the first lines; false when more of them are needed.
  private mutating func detect(now: Timestamp, isFinal: Bool) -> Bool {
    if offset == 0, end - start >= 3, buffer[start] == 0xEF, buffer[start + 1] == 0xBB,
      buffer[start + 2] == 0xBF
    {
      consume(upTo: start + 3, lines: 0)
    }
    var lines: [[UInt8]] = []
    var ends: [(next: Int, line: Int)] = []
    var cursor = start
    var count = 0
    while lines.count < CSVLimits.sampledLines,
      let (range, next) = wholeLine(from: cursor, isFinal: isFinal)
    {
      count += 1
      cursor = next
      if lines.isEmpty,
        CSVLine.isBlank(buffer.span, range) || range.count > CSVLimits.lineBytes
          || holdsNUL(range)
      {
        if range.count > CSVLimits.lineBytes {
          complain(.lineTooLong, at: now, CSVDecoder.longLineText, "the line is skipped")
        } else if holdsNUL(range) {
          complain(.nulByte, at: now, "expected text, found a NUL byte", "the line is skipped")
        }
        consume(upTo: next, lines: 1)
        count = 0
      } else if !CSVLine.isBlank(buffer.span, range), range.count <= CSVLimits.lineBytes,
        !holdsNUL(range)
      {
        lines.append(Array(buffer[range]))
        ends.append((next, count))
      }
    }
    if lines.isEmpty, end - start > CSVLimits.lineBytes { skipLongLine(at: now) }
    guard let first = lines.first else { return false }
    if let inherited, configuration.header != .present,
      isRow(first.span, 0..<first.count, inherited)
    {
      establish(inherited)
      return true
    }
    let isAll =
      isFinal || mustDecide || lines.count == CSVLimits.sampledLines
      || end - start > CSVLimits.lineBytes
    guard isAll || lines.count >= (configuration.header == .absent ? 1 : 2) else { return false }
    do throws(CSVLayoutError) {
      let result = try CSVDetection(lines: lines, configuration: configuration).result()
      adopt(result, ends: ends, at: now)
      return true
    } catch {
      layoutError = layoutError ?? error
      guard isAll else {
        // A few more lines may still tell.
        if lines.count != pendingLines {
          pendingLines = lines.count
          complain(.layoutPending, at: now, "\(error)", "waiting for more lines")
        }
        return false
      }
      for _ in lines { complain(.layout, at: now, "\(error)", "the line is skipped") }
      let last = ends[ends.count - 1]
      consume(upTo: last.next, lines: last.line)
      return true
    }
  }

  private mutating func adopt(
    _ result: CSVDetection.Result,
    ends: [(next: Int, line: Int)],
    at now: Timestamp
  ) {
    if result.garbageLines > 0 {
      for _ in 0..<result.garbageLines {
        complain(
          .cellCount,
          at: now,
          "expected \(result.layout.width) cells as in the lines below",
          "the line is skipped"
        )
      }
    }
    if result.layout.width > CSVLimits.columns {
      complain(
        .columnLimit,
        at: now,
        "expected at most \(CSVLimits.columns) columns, found \(result.layout.width)",
        "the columns after that are left out"
      )
    }
    for remark in result.remarks {
      complaints.inform("\(configuration.path): \(remark)")
    }
    if result.layout != inherited {
      complaints.inform("\(configuration.path): reading \(result.layout.summary)")
    }
    if result.leadingLines > 0 {
      let last = ends[result.leadingLines - 1]
      consume(upTo: last.next, lines: last.line)
    }
    establish(result.layout)
  }

  private mutating func establish(_ layout: CSVLayout) {
    self.layout = layout
    layoutGeneration += 1
    layoutError = nil
    inherited = nil
    row.prepare(for: layout)
  }

  /// Whether a line taken by itself is a row of a layout.
  private mutating func isRow(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ layout: CSVLayout
  ) -> Bool {
    guard tokens.split(bytes, range, delimiter: layout.delimiter) == .complete,
      tokens.count == layout.width
    else { return false }
    if let index = layout.timestampIndex {
      return layout.timestampFormat.parse(bytes, tokens.range(index)) != nil
    }
    for column in layout.columns {
      if case .value = CSVNumber(bytes, tokens.range(column.index)) { return true }
    }
    return false
  }

  // MARK: Lines

  private func newline(from index: Int) -> Int? {
    guard index < end else { return nil }
    return buffer.withUnsafeBytes { bytes in
      memchr(bytes.baseAddress! + index, 0x0A, end - index).map {
        UnsafeRawPointer($0) - bytes.baseAddress!
      }
    }
  }

  private func holdsNUL(_ range: Range<Int>) -> Bool {
    guard mayHoldNUL, !range.isEmpty else { return false }
    return buffer.withUnsafeBytes { bytes in
      memchr(bytes.baseAddress! + range.lowerBound, 0, range.count) != nil
    }
  }

  /// The line at `index` without its line end, and where the next one begins.
  @inline(__always)
  private func wholeLine(from index: Int, isFinal: Bool) -> (range: Range<Int>, next: Int)? {
    if let newline = newline(from: index) {
      let isCRLF = newline > index && buffer[newline - 1] == 0x0D
      return (index..<(isCRLF ? newline - 1 : newline), newline + 1)
    }
    guard isFinal, index < end else { return nil }
    return (index..<(buffer[end - 1] == 0x0D ? end - 1 : end), end)
  }

  private mutating func consume(upTo next: Int, lines: Int) {
    offset += next - start
    start = next
    if let line { self.line = line + lines }
  }

  private mutating func skipLongLine(at now: Timestamp) {
    complain(
      .lineTooLong,
      at: now,
      CSVDecoder.longLineText,
      "what follows up to the next line end is skipped"
    )
    consume(upTo: end, lines: 0)
    isSkipping = true
  }

  // MARK: Complaints

  /// Where the line at hand is, for a person.
  private var place: String {
    line.map { "\(configuration.path):\($0)" } ?? "\(configuration.path) at byte \(offset)"
  }

  private static let longLineText =
    "expected a line of at most \(CSVLimits.lineBytes) bytes, found a longer one"

  private mutating func complain(
    _ problem: CSVProblem,
    at now: Timestamp,
    _ text: @autoclosure () -> String,
    _ next: String
  ) {
    guard complaints.count(problem, at: now) else { return }
    complaints.word(problem, "\(place): \(text()); \(next)")
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
      guard complaints.count(.number, at: now) else { continue }
      let found = CSVLine.shown(buffer.span, tokens.range(layout.columns[column].index))
      complaints.word(
        .number,
        "\(place): column '\(layout.columns[column].label)': expected a number, found "
          + "'\(found)'; the cell is left out, the others of the row are used"
      )
    }
  }
}
