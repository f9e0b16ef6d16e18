import Series

/// From lines to rows.
extension CSVDecoder {
  /// One record: a line, or several lines if a quoted cell contains line ends.
  struct Record {
    /// Its bytes without the line end.
    var range: Range<Int>
    /// The first byte after its line end.
    var next: Int
    /// Where its first line ends.
    var firstLineEnd: Int
    var lines: Int
  }

  /// Finds and splits the next record; malformed lines are counted and consumed.
  mutating func record(
    _ layout: CSVLayout, isFinal: Bool, at now: Timestamp
  ) -> Record? {
    while true {
      guard let (range, next) = buffer.wholeLine(from: buffer.start, isFinal: isFinal) else {
        if buffer.exceedsLine { skipLongLine(at: now) }
        return nil
      }
      if let text = buffer.firstText(in: range), text - range.lowerBound >= CSVLimits.holeBytes {
        complain(.nulByte, at: now, "expected text, found NUL bytes", "they are skipped")
        buffer.consume(upTo: text, lines: 0)
        continue
      }
      if range.count > CSVLimits.lineBytes {
        let text = longLineText(range)
        complain(.lineTooLong, at: now, text, "the line is skipped")
        buffer.consume(upTo: next, lines: 1)
        continue
      }
      if CSVTokens.isBlank(buffer.bytes.span, range) || isComment(range) {
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
          // A line that is a valid row on its own has been swallowed by a stray quote.
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

  /// Reads a record into ``row``; if it is not a row, counts and consumes it and returns false.
  mutating func read(_ record: Record, _ layout: CSVLayout, at now: Timestamp) -> Bool {
    guard tokens.count == layout.width else {
      return refuse(record, layout, .cellCount, at: now)
    }
    if let index = layout.keyIndex, !readKey(index) {
      return refuse(record, layout, .key, at: now)
    }
    let timestamp: Timestamp
    if let index = layout.timestampIndex {
      let last = layout.keyIndex == nil ? order.last : keys[row.key].last
      guard let found = layout.time(buffer.bytes.span, tokens, at: index),
        let written = clock.moment(found, after: last, at: now)
      else {
        return refuse(record, layout, .timestamp, at: now)
      }
      guard isInOrder(written, layout) else {
        return refuse(record, layout, .timeOrder, at: now, found: written)
      }
      timestamp = written
    } else {
      if layout.isHeader(buffer.bytes.span, tokens) {
        return refuse(record, layout, .cellCount, at: now)
      }
      // Rows read at the same moment still get increasing time stamps.
      timestamp = order.last.map { max(now, $0.advanced(by: .microseconds(1))) } ?? now
    }
    let bytes = buffer.bytes
    if table.trace == nil {
      row.read(bytes.span, tokens)
    } else if !isEvent {
      complainOfEvent(at: now)
      buffer.consume(upTo: record.next, lines: record.lines)
      return false
    }
    row.timestamp = timestamp
    if layout.keyIndex == nil {
      clock.note(timestamp, after: order.last)
      order.last = timestamp
    } else {
      clock.note(timestamp, after: keys[row.key].last)
      keys[row.key].last = timestamp
      order.last = order.last.map { max($0, timestamp) } ?? timestamp
    }
    if row.hasText { complainOfText(layout, at: now) }
    buffer.consume(upTo: record.next, lines: record.lines)
    return true
  }

  /// Counts and consumes a record that is not a row, unless it is a header line.
  mutating func refuse(
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
        let cells = [layout.timestampIndex, layout.timeOfDayIndex].compactMap { $0 }
        let found = cells.map { Excerpt.text(buffer.bytes.span, tokens.range($0)) }
          .joined(separator: " ")
        text = "expected a time stamp as \(layout.timestampFormat), found '\(found)'"
      case .timeOrder: text = orderText(found, layout)
      case .key:
        let cell = Excerpt.text(buffer.bytes.span, tokens.range(layout.keyIndex ?? 0))
        text =
          "expected one of at most \(CSVLimits.keys) keys (KeyColumn=) of 1 to "
          + "\(TraceEvent.longest) bytes without control characters, found '\(cell)'"
      default: text = "expected \(layout.width) cells, found \(tokens.count)"
      }
      problems.word(problem, "\(place): \(text); the row is skipped")
    }
    buffer.consume(upTo: record.next, lines: record.lines)
    return false
  }

  func isSameHeader(_ layout: CSVLayout) -> Bool {
    tokens.count == layout.width
      && layout.columns.allSatisfy { column in
        let text = CSVTokens.text(buffer.bytes.span, tokens.range(column.index))
        return text == column.label || (text.isEmpty && column.label == "column\(column.index + 1)")
      }
  }

  /// Looks up the key of the record; false if it has none.
  private mutating func readKey(_ index: Int) -> Bool {
    let bytes = buffer.bytes
    let cell = CSVTokens.trimming(bytes.span, tokens.range(index))
    guard TraceEvent.isValid(bytes.span.extracting(cell)),
      let key = keys.place(bytes.span, cell)
    else { return false }
    row.key = key
    return true
  }

  private mutating func isInOrder(_ timestamp: Timestamp, _ layout: CSVLayout) -> Bool {
    guard table.timeOrder == .increasing else { return true }
    let last = layout.keyIndex == nil ? order.last : keys[row.key].last
    let outcome =
      layout.keyIndex == nil ? order.judge(timestamp) : keys[row.key].judge(timestamp)
    guard case .setBack(let rows) = outcome else { return outcome == .accepted }
    problems.inform(
      "\(place): time continues from \(timestamp.iso8601) after \(rows) rows before "
        + "\(last?.iso8601 ?? ""), assuming that the clock was set back"
    )
    return true
  }

  private func orderText(_ found: Timestamp?, _ layout: CSVLayout) -> String {
    let last = layout.keyIndex == nil ? order.last : keys[row.key].last
    let text = "expected a time after \(last?.iso8601 ?? ""), found \(found?.iso8601 ?? "")"
    let used = layout.columns.count + (layout.timeOfDayIndex == nil ? 1 : 2)
    guard found == last, layout.keyIndex == nil, table.trace == nil, used < layout.width else {
      return text
    }
    return text + " again (if several rows belong to one time, KeyColumn= names the column that "
      + "tells them apart)"
  }

  mutating func skipLongLine(at now: Timestamp) {
    isInHole = buffer.isHole(buffer.start..<buffer.end)
    let text = longLineText(buffer.start..<buffer.end)
    complain(
      .lineTooLong,
      at: now,
      text,
      isInHole ? "they are skipped" : "what follows up to the next line end is skipped"
    )
    buffer.consume(upTo: buffer.end, lines: 0)
    isSkipping = true
  }
}

/// The event of a row.
extension CSVDecoder {
  /// The ranges of id and thread of the row read last within the buffered bytes, valid until more
  /// are read; the thread is empty if there is no thread column.
  var eventPlaces: (id: Range<Int>, thread: Range<Int>) {
    guard let columns = layout?.columns, let first = columns.first else { return (0..<0, 0..<0) }
    let bytes = buffer.bytes
    let id = CSVTokens.trimming(bytes.span, tokens.range(first.index))
    guard columns.count > 1 else { return (id, 0..<0) }
    return (id, CSVTokens.trimming(bytes.span, tokens.range(columns[1].index)))
  }

  /// Whether ``eventPlaces`` hold an id, and a thread if threads are configured.
  var isEvent: Bool {
    let places = eventPlaces
    let bytes = buffer.bytes
    guard TraceEvent.isValid(bytes.span.extracting(places.id)) else { return false }
    guard let columns = layout?.columns, columns.count > 1 else { return true }
    return TraceEvent.isValid(bytes.span.extracting(places.thread))
  }

  /// Counts the row read last as one without a usable event.
  mutating func complainOfEvent(at now: Timestamp) {
    guard problems.count(.event, at: now) else { return }
    let places = eventPlaces
    let bytes = buffer.bytes
    let isID = !TraceEvent.isValid(bytes.span.extracting(places.id))
    let found = Excerpt.text(bytes.span, isID ? places.id : places.thread)
    problems.word(
      .event,
      "\(place): expected \(isID ? "the id of an event" : "a thread") of 1 to "
        + "\(TraceEvent.longest) bytes without control characters, found '\(found)'; the row is "
        + "skipped"
    )
  }
}
