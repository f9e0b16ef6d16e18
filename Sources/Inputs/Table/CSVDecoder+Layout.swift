import Series

extension CSVDecoder {
  /// Detects the layout from the first lines; false if more of them are needed.
  mutating func detect(now: Timestamp, isFinal: Bool) -> Bool {
    buffer.skipByteOrderMark()
    var lines: [[UInt8]] = []
    var ends: [(next: Int, line: Int)] = []
    var cursor = buffer.start
    var count = 0
    while lines.count < CSVLimits.sampledLines,
      let (range, next) = buffer.wholeLine(from: cursor, isFinal: isFinal)
    {
      count += 1
      cursor = next
      if lines.isEmpty,
        CSVTokens.isBlank(buffer.bytes.span, range) || range.count > CSVLimits.lineBytes
          || buffer.holdsNUL(range)
      {
        if range.count > CSVLimits.lineBytes {
          complain(.lineTooLong, at: now, CSVDecoder.longLineText, "the line is skipped")
        } else if buffer.holdsNUL(range) {
          complain(.nulByte, at: now, "expected text, found a NUL byte", "the line is skipped")
        }
        buffer.consume(upTo: next, lines: 1)
        count = 0
      } else if !CSVTokens.isBlank(buffer.bytes.span, range), range.count <= CSVLimits.lineBytes,
        !buffer.holdsNUL(range)
      {
        lines.append(Array(buffer.bytes[range]))
        ends.append((next, count))
      }
    }
    if lines.isEmpty, buffer.exceedsLine { skipLongLine(at: now) }
    guard let first = lines.first else { return false }
    // A line with a time stamp in the expected place is no header, whatever the configuration says.
    if let inherited, table.header != .present || inherited.timestampIndex != nil,
      isRow(first.span, 0..<first.count, inherited)
    {
      establish(inherited)
      return true
    }
    // Rows under a header that came alone: in seconds, if not as ISO 8601.
    if var inherited, isFormatUnknown, table.timestampFormat == .automatic,
      table.header != .present || inherited.timestampIndex != nil
    {
      inherited.timestampFormat = .epochSeconds
      if isRow(first.span, 0..<first.count, inherited) {
        establish(inherited)
        return true
      }
    }
    let isAll =
      isFinal || mustDecide || lines.count == CSVLimits.sampledLines
      || buffer.exceedsLine
    guard isAll || lines.count >= (table.header == .absent ? 1 : 2) else { return false }
    do throws(CSVLayoutError) {
      let result = try CSVDetection(lines: lines, path: path, table: table).result()
      if mustDecide, result.leadingLines == lines.count {
        // A header alone names the columns but does not show how time stamps are written.
        var layout = result.layout
        if let before = inherited { layout.timestampFormat = before.timestampFormat }
        isFormatUnknown = inherited == nil || isFormatUnknown
        inherited = layout
        return false
      }
      adopt(result, ends: ends, at: now)
      return true
    } catch {
      layoutError = layoutError ?? error
      guard isAll else {
        // A few more lines may decide it.
        if lines.count != pendingLines {
          pendingLines = lines.count
          complain(.layoutPending, at: now, "\(error)", "waiting for more lines")
        }
        return false
      }
      for _ in lines { complain(.layout, at: now, "\(error)", "the line is skipped") }
      let last = ends[ends.count - 1]
      buffer.consume(upTo: last.next, lines: last.line)
      return true
    }
  }

  mutating func adopt(
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
      problems.inform("\(path): \(remark)")
    }
    if result.layout != inherited {
      problems.inform(
        "\(path): reading \(result.layout.summary(isOfEvents: table.trace != nil))"
      )
    }
    if result.leadingLines > 0 {
      let last = ends[result.leadingLines - 1]
      buffer.consume(upTo: last.next, lines: last.line)
    }
    establish(result.layout)
  }

  mutating func establish(_ layout: CSVLayout) {
    self.layout = layout
    layoutGeneration += 1
    layoutError = nil
    inherited = nil
    isFormatUnknown = false
    row.prepare(for: layout)
  }

  /// Whether a line on its own is a row of a layout.
  mutating func isRow(
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
}
