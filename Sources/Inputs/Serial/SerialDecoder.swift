/// Parses a frame into fields.
struct SerialDecoder {
  /// The fields of the frame parsed last.
  private(set) var fields = SerialFields()
  private let format: SerialSection.Format
  private let names: [String]
  private let delimiter: UInt8?
  private var tokens = CSVTokens()

  init(_ configuration: SerialSection) {
    format = configuration.format
    names = configuration.fields
    delimiter = configuration.delimiter
  }

  /// Parses one frame into ``fields``, all or nothing.
  /// - Returns: false if the frame is empty, or a comment after `#`, which boards use for
  ///   greetings.
  mutating func read(_ bytes: Span<UInt8>, count: Int) throws(SerialFault) -> Bool {
    fields.removeAll()
    let frame = SerialDecoder.trimming(bytes, 0..<count)
    guard !frame.isEmpty, bytes[frame.lowerBound] != UInt8(ascii: "#") else { return false }
    switch format {
    case .csv: try readCells(bytes, frame)
    case .keyValue: try readPairs(bytes, frame)
    case .json:
      var scanner = SerialJSON(frame)
      try scanner.read(bytes, into: &fields)
    }
    return true
  }

  private mutating func readCells(_ bytes: Span<UInt8>, _ frame: Range<Int>) throws(SerialFault) {
    let delimiter = delimiter ?? SerialDecoder.firstDelimiter(bytes, frame)
    guard tokens.split(bytes, frame, delimiter: delimiter) == .complete else {
      throw .cells(expected: names.count, found: tokens.count)
    }
    guard tokens.count == names.count else {
      throw .cells(expected: names.count, found: tokens.count)
    }
    for cell in 0..<tokens.count where names[cell] != "-" {
      let text = tokens.range(cell)
      let value = SerialDecoder.number(bytes, text)
      guard value != nil else { throw .notANumber(text) }
      try fields.append(.init(name: 0..<0, position: cell, text: text, value: value))
    }
  }

  private mutating func readPairs(_ bytes: Span<UInt8>, _ frame: Range<Int>) throws(SerialFault) {
    var index = frame.lowerBound
    while true {
      while index < frame.upperBound, isSeparator(bytes[index]) { index += 1 }
      guard index < frame.upperBound else { return }
      let start = index
      var equals: Int?
      while index < frame.upperBound, !isSeparator(bytes[index]) {
        if bytes[index] == UInt8(ascii: "=") {
          guard equals == nil else { throw .notAPair(start..<index + 1) }
          equals = index
        }
        index += 1
      }
      guard let equals else { throw .notAPair(start..<index) }
      let name = CSVTokens.trimming(bytes, start..<equals)
      guard SerialDecoder.isName(bytes, name) else { throw .notAPair(start..<index) }
      let text = equals + 1..<index
      let value = SerialDecoder.number(bytes, text)
      try fields.append(.init(name: name, position: 0, text: text, value: value))
    }
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    if let delimiter { return byte == delimiter }
    return byte == 0x20 || byte == 0x09 || byte == 0x2C || byte == 0x3B
  }

  /// The number in `range`; NaN for nothing and the words for it, nil for anything else.
  static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    switch CSVNumber(bytes, range) {
    case .value(let value): value
    case .gap: .nan
    case .text: nil
    }
  }

  /// Whether a name may become part of a metric's: letters, digits and `_ . - / %` of ASCII, so
  /// that a corrupted byte does not make a name.
  static func isName(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard (1...SerialLimits.nameBytes).contains(range.count) else { return false }
    for index in range {
      switch bytes[index] {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x2F, 0x25: continue
      default: return false
      }
    }
    return true
  }

  /// `range` without leading and trailing white space and line ends.
  private static func trimming(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    func isSpace(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  /// The first of semicolon, tab, comma, pipe and space in the frame; comma if none.
  private static func firstDelimiter(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt8 {
    var seen = (semicolon: false, tab: false, comma: false, pipe: false, space: false)
    for index in range {
      switch bytes[index] {
      case 0x3B: seen.semicolon = true
      case 0x09: seen.tab = true
      case 0x2C: seen.comma = true
      case 0x7C: seen.pipe = true
      case 0x20: seen.space = true
      default: continue
      }
    }
    if seen.semicolon { return 0x3B }
    if seen.tab { return 0x09 }
    if seen.comma { return 0x2C }
    if seen.pipe { return 0x7C }
    return seen.space ? 0x20 : 0x2C
  }
}
