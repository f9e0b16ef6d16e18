import Series

/// A header whose rows have not shown the layout yet.
struct CSVKeptHeader {
  var line: [UInt8]
  /// Whether it was written as a comment, and so may not be one.
  var isDoubtful: Bool
}

extension CSVDecoder {
  /// Detects the layout from the first lines; false if more of them are needed.
  mutating func detect(now: Timestamp, isFinal: Bool) -> Bool {
    buffer.skipByteOrderMark()
    if buffer.isUTF16 { isUTF16 = true }
    guard !isUTF16 else {
      skipForeignText(at: now)
      return false
    }
    buffer.detectLineEnd(isFinal: isFinal)
    skipToText(at: now, isFinal: isFinal)
    let lines = sampled(CSVLimits.sampledLines, isFinal: isFinal)
    guard let first = lines.readLines.first else {
      if buffer.exceedsLine { skipLongLine(at: now) }
      return false
    }
    // A line with a time stamp in the expected place is not a header, whatever the configuration
    // says.
    if let inherited, table.header != .present || inherited.timestampIndex != nil,
      isRow(lines.bytes.span, first.range, inherited)
    {
      establish(inherited)
      return true
    }
    let isAll =
      isFinal || mustDecide || lines.readLines.count == CSVLimits.sampledLines
      || buffer.exceedsLine
    guard isAll || lines.lines.count >= (table.header == .absent ? 1 : 2) else { return false }
    do throws(CSVLayoutError) {
      try detect(in: lines, isAll: isAll, isFinal: isFinal, at: now)
    } catch {
      guard isAll, case .ambiguousDate = error else {
        return reject(lines, error, isAll: isAll, at: now)
      }
      // Rows further down may have a day beyond the 12th.
      let more = sampled(CSVLimits.sampledDates, isFinal: isFinal)
      do throws(CSVLayoutError) {
        try detect(in: more, isAll: true, isFinal: isFinal, at: now)
      } catch let second {
        return reject(more, second, isAll: true, at: now)
      }
    }
    return layout != nil
  }

  private func detection(_ sample: CSVSample, isAll: Bool) throws(CSVLayoutError) -> CSVDetection {
    try CSVDetection(
      sample, path: path, table: table, declared: declaredDelimiter,
      isHeaderDoubtful: keptHeader?.isDoubtful ?? false, mayWait: !isAll,
      lineEnd: buffer.lineEnd)
  }

  /// Takes the layout from a sample, unless it holds only a header: that does not show how rows are
  /// written.
  private mutating func detect(
    in sample: CSVSample, isAll: Bool, isFinal: Bool, at now: Timestamp
  ) throws(CSVLayoutError) {
    let detection = try detection(sample, isAll: isAll)
    let result = try detection.result()
    guard isFinal || mustDecide || result.hasRows else {
      if isAll { throw .noValues(found: nil) }
      return
    }
    if mustDecide, !result.hasRows, let header = detection.header {
      // It names the columns of the next file.
      if inherited?.columns.map(\.label) != result.layout.columns.map(\.label) { inherited = nil }
      keptHeader = CSVKeptHeader(line: header, isDoubtful: false)
      return
    }
    adopt(result, of: detection, at: now)
  }

  /// Counts the lines of a sample from which no layout can be detected as malformed if no further
  /// lines can change that, except for the header, which remains known.
  private mutating func reject(
    _ sample: CSVSample, _ error: CSVLayoutError, isAll: Bool, at now: Timestamp
  ) -> Bool {
    layoutError = layoutError ?? error
    let count = sample.readLines.count
    guard isAll else {
      // A few more lines may decide it.
      if count != pendingLines {
        pendingLines = count
        complain(.layoutPending, at: now, "\(error)", "waiting for more lines")
      }
      return false
    }
    let header = (try? detection(sample, isAll: true))?.header
    let isNew = header != nil && header != keptHeader?.line
    if let header { keptHeader = CSVKeptHeader(line: header, isDoubtful: false) }
    consume(upTo: sample.readLines.last, at: now) { decoder, range in
      let isHeader = isNew && decoder.buffer.bytes[range].elementsEqual(header ?? [])
      if !isHeader { decoder.complain(.layout, at: now, "\(error)", "the line is skipped") }
    }
    return true
  }

  /// Consumes the lines of a sample up to one of them, and those in between that are no text, which
  /// the sample omits.
  private mutating func consume(
    upTo last: CSVSample.Line?, at now: Timestamp,
    text: (inout CSVDecoder, Range<Int>) -> Void = { _, _ in }
  ) {
    guard let end = last?.next else { return }
    while buffer.start < end,
      let (range, next) = buffer.wholeLine(from: buffer.start, isFinal: true)
    {
      if !refusesForeign(range, at: now), isText(range) { text(&self, range) }
      buffer.consume(upTo: next, lines: 1)
    }
  }

  /// The next lines of text, after the header that was read before.
  private func sampled(_ limit: Int, isFinal: Bool) -> CSVSample {
    var lines: [CSVSample.Line] = []
    var cursor = buffer.start
    while lines.count < limit,
      let (range, next) = buffer.wholeLine(from: cursor, isFinal: isFinal)
    {
      cursor = next
      if isText(range) { lines.append(CSVSample.Line(range: range, next: next)) }
    }
    return CSVSample(after: keptHeader?.line, buffer.bytes[buffer.start..<cursor], lines)
  }

  private func isText(_ range: Range<Int>) -> Bool {
    range.count <= CSVLimits.lineBytes && !CSVTokens.isBlank(buffer.bytes.span, range)
      && !buffer.holdsNUL(range) && !isComment(range)
  }

  /// Counts a line that belongs to no table, since it is too long or holds NUL bytes; false for others.
  private mutating func refusesForeign(_ range: Range<Int>, at now: Timestamp) -> Bool {
    if range.count > CSVLimits.lineBytes {
      let text = longLineText(range)
      complain(.lineTooLong, at: now, text, "the line is skipped")
      return true
    }
    guard buffer.holdsNUL(range) else { return false }
    complain(.nulByte, at: now, "expected text, found a NUL byte", "the line is skipped")
    return true
  }

  /// Consumes lines without text before the first one with text.
  private mutating func skipToText(at now: Timestamp, isFinal: Bool) {
    while let (range, next) = buffer.wholeLine(from: buffer.start, isFinal: isFinal) {
      if let text = buffer.firstText(in: range), text - range.lowerBound >= CSVLimits.holeBytes {
        complain(.nulByte, at: now, "expected text, found NUL bytes", "they are skipped")
        buffer.consume(upTo: text, lines: 0)
        continue
      }
      if refusesForeign(range, at: now) {
        // It has been counted.
      } else if let declared = declaration(range) {
        declaredDelimiter = declared
      } else if isComment(range) {
        keepComment(range)
      } else if isText(range) {
        return
      }
      buffer.consume(upTo: next, lines: 1)
    }
  }

  /// The delimiter declared by the first line, if any.
  private func declaration(_ range: Range<Int>) -> UInt8? {
    guard offset <= 3, range.count <= 7 else { return nil }
    let bytes = buffer.bytes
    return CSVSample.declaredDelimiter(bytes.span.extracting(range))
  }

  /// Keeps the last comment before the rows, as it may name the columns.
  private mutating func keepComment(_ range: Range<Int>) {
    guard keptHeader?.isDoubtful != false else { return }
    let text = buffer.bytes[range].drop { $0 == UInt8(ascii: "#") }.drop { $0 == 0x20 }
    if !text.isEmpty { keptHeader = CSVKeptHeader(line: Array(text), isDoubtful: true) }
  }

  /// Whether a line is a comment: it begins with `#`; in a trace, whose ids may begin with it, with
  /// `#` and a space.
  func isComment(_ range: Range<Int>) -> Bool {
    guard !range.isEmpty, buffer.bytes[range.lowerBound] == UInt8(ascii: "#") else { return false }
    return table.trace == nil || range.count == 1 || buffer.bytes[range.lowerBound + 1] == 0x20
  }

  private mutating func skipForeignText(at now: Timestamp) {
    layoutError = .isUTF16
    guard buffer.end > buffer.start else { return }
    complain(.encoding, at: now, "\(CSVLayoutError.isUTF16)", "the file is not read")
    buffer.consume(upTo: buffer.end, lines: 0)
  }

  private mutating func adopt(
    _ result: CSVDetection.Result, of detection: CSVDetection, at now: Timestamp
  ) {
    for _ in 0..<result.garbage {
      complain(
        .cellCount,
        at: now,
        "expected \(result.layout.width) cells as in the lines below",
        "the line is skipped"
      )
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
      problems.inform("\(path): \(remark)")
    }
    let layout = result.layout
    if layout != inherited {
      problems.inform("\(path): reading \(layout.summary(isOfEvents: table.trace != nil))")
      if layout.timestampIndex == nil, table.timestampColumn == .automatic {
        let next =
          isRecorded
          ? "rows count as one second apart, '--timestamp none' confirms that"
          : "each row counts as measured when it is read, TimestampColumn=none confirms that"
        problems.caution("\(path): expected a column of time stamps, found none; \(next)")
      }
    }
    if result.firstRow > 0 {
      consume(
        upTo: detection.sample.lines[detection.records[result.firstRow - 1].lastLine], at: now)
    }
    establish(layout)
  }

  mutating func establish(_ layout: CSVLayout) {
    if layout.isRelative, clock.start == nil {
      clock.start = fileEnd?.start(of: layout)
    }
    fileEnd = nil
    self.layout = layout
    buffer.lineEnd = layout.lineEnd
    layoutGeneration += 1
    layoutError = nil
    inherited = nil
    keptHeader = nil
    row.prepare(for: layout)
  }

  /// Whether a line on its own is a row of a layout.
  mutating func isRow(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ layout: CSVLayout
  ) -> Bool {
    guard tokens.split(bytes, range, delimiter: layout.delimiter) == .complete,
      tokens.count == layout.width
    else { return false }
    if let index = layout.timestampIndex { return layout.time(bytes, tokens, at: index) != nil }
    for column in layout.columns {
      let cell = tokens.range(column.index)
      if case .value = CSVNumber(bytes, cell, decimalComma: layout.hasDecimalComma) { return true }
    }
    return false
  }
}
