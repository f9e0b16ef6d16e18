import Series

/// The last lines of a file when it was opened. They show when its relative times began: its newest
/// row was written when the file was.
struct CSVFileEnd {
  /// The last bytes.
  var bytes: [UInt8]
  /// When the file was last modified.
  var modified: Timestamp

  /// The instant from which the times of the rows count; nil if the newest row does not show it.
  func start(of layout: CSVLayout) -> Timestamp? {
    var lines = bytes.split(separator: layout.lineEnd, omittingEmptySubsequences: false)
    // What follows the last line end is not finished.
    lines.removeLast()
    var tokens = CSVTokens()
    guard let index = layout.timestampIndex else { return nil }
    for line in lines.reversed() {
      let text = Array(line.last == 0x0D ? line.dropLast() : line)
      guard tokens.split(text.span, 0..<text.count, delimiter: layout.delimiter) == .complete,
        tokens.count == layout.width,
        case .sinceStart(let elapsed)? = layout.time(text.span, tokens, at: index)
      else { continue }
      let (start, overflow) = modified.nanoseconds.subtractingReportingOverflow(elapsed)
      return overflow ? nil : Timestamp(nanoseconds: start)
    }
    return nil
  }
}
