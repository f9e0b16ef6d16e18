/// Buffers needed while reading a file, shared by all files of an input.
struct CSVScratch {
  /// The window of ``CSVLineBuffer``.
  var window = CSVLineBuffer.makeWindow()
  /// The cells of the current record.
  var tokens = CSVTokens()
  /// The streams of an input of events.
  var streams: TraceThreads?
}
