/// What reading a file takes beside what is known of it; shared by all files of an input.
struct CSVScratch {
  /// The window of ``CSVLineBuffer``.
  var window = CSVLineBuffer.makeWindow()
  /// The cells of the record at hand.
  var tokens = CSVTokens()
  /// The streams of an input of events.
  var streams: TraceThreads?
}
