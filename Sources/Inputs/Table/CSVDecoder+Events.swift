import Series

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
    let found = CSVLine.shown(bytes.span, isID ? places.id : places.thread)
    problems.word(
      .event,
      "\(place): expected \(isID ? "the id of an event" : "a thread") of 1 to "
        + "\(TraceEvent.longest) bytes without control characters, found '\(found)'; the row is "
        + "skipped"
    )
  }
}
