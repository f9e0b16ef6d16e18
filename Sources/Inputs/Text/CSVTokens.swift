/// The cells of one record as ranges of its bytes; created once and reused for every record.
///
/// Quotes around a cell are not part of it; doubled quotes within stay doubled (see ``text``), so
/// that nothing is copied. With text after a closing quote the cell is taken literally.
struct CSVTokens {
  /// How splitting ended.
  enum Outcome: Equatable {
    case complete
    /// The record ends within a quoted cell: it may continue on the next line.
    case openQuote
  }

  /// How many cells the record has; only the first ``CSVLimits/columns`` of them are kept.
  private(set) var count = 0
  private var starts: [Int]
  private var ends: [Int]

  /// Reserves space for the cells of a record.
  init() { self.init(room: CSVLimits.columns) }

  /// No capacity, and no memory.
  static let none = CSVTokens(room: 0)

  private init(room: Int) {
    starts = [Int](repeating: 0, count: room)
    ends = starts
  }

  /// The range of cell `index`; `index` below both ``count`` and the limit.
  func range(_ index: Int) -> Range<Int> { starts[index]..<ends[index] }

  /// Splits `bytes[range]`, a record without its line end, into cells.
  mutating func split(_ bytes: Span<UInt8>, _ range: Range<Int>, delimiter: UInt8) -> Outcome {
    let quote: UInt8 = 0x22
    let collapses = delimiter == 0x20
    let end = range.upperBound
    var index = range.lowerBound
    count = 0
    while true {
      if collapses {
        while index < end, bytes[index] == 0x20 { index += 1 }
        if index == end, count > 0 { return .complete }
      }
      var start = index
      var stop = index
      if index < end, bytes[index] == quote {
        index += 1
        var isClosed = false
        while index < end {
          if bytes[index] == quote {
            if index + 1 < end, bytes[index + 1] == quote {
              index += 1
            } else {
              isClosed = true
              break
            }
          }
          index += 1
        }
        guard isClosed else { return .openQuote }
        stop = index
        index += 1
        var hasMore = false
        while index < end, bytes[index] != delimiter {
          hasMore = hasMore || (bytes[index] != 0x20 && bytes[index] != 0x09)
          index += 1
        }
        if hasMore { stop = index } else { start += 1 }
      } else {
        while index < end, bytes[index] != delimiter { index += 1 }
        stop = index
      }
      if count < CSVLimits.columns {
        starts[count] = start
        ends[count] = stop
      }
      count += 1
      if index == end { return .complete }
      index += 1
    }
  }

  /// The text of a cell: trimmed, doubled quotes reduced to one, invalid UTF-8 replaced by `_`.
  static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    let trimmed = trimming(bytes, range)
    var unquoted: [UInt8] = []
    var index = trimmed.lowerBound
    while index < trimmed.upperBound {
      let byte = bytes[index]
      unquoted.append(byte)
      index += 1
      if byte == 0x22, index < trimmed.upperBound, bytes[index] == 0x22 { index += 1 }
    }
    let decoded = String(decoding: unquoted, as: UTF8.self)
    return String(
      String.UnicodeScalarView(decoded.unicodeScalars.map { $0 == "\u{FFFD}" ? "_" : $0 })
    )
  }

  /// `range` without leading and trailing spaces and tabs.
  @inline(__always)
  static func trimming(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  /// Whether there is only white space.
  static func isBlank(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range where bytes[index] != 0x20 && bytes[index] != 0x09 { return false }
    return true
  }
}
