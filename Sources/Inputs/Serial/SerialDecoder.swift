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
    let delimiter = try split(bytes, frame)
    for cell in 0..<tokens.count where names[cell] != "-" {
      let text = tokens.range(cell)
      let value = SerialDecoder.number(bytes, text, decimalComma: delimiter != 0x2C)
      try fields.append(.init(name: 0..<0, position: cell, text: text, value: value))
    }
  }

  /// Splits a frame into as many cells as there are names.
  /// - Returns: the delimiter: the configured one, or the first that yields the right number, since
  ///   a comma may be a decimal point.
  private mutating func split(
    _ bytes: Span<UInt8>, _ frame: Range<Int>
  ) throws(SerialFault) -> UInt8 {
    var found: Int?
    for candidate in delimiter.map({ [$0] }) ?? SerialDecoder.delimiters {
      let isThere = delimiter != nil || names.count == 1 || bytes.contains(candidate, in: frame)
      guard isThere else { continue }
      let isWhole = tokens.split(bytes, frame, delimiter: candidate) == .complete
      if isWhole, tokens.count == names.count { return candidate }
      found = found ?? tokens.count
    }
    throw .cells(expected: names.count, found: found ?? 1)
  }

  /// The delimiters tried, in this order.
  private static let delimiters: [UInt8] = [0x3B, 0x09, 0x2C, 0x7C, 0x20]

  private mutating func readPairs(_ bytes: Span<UInt8>, _ frame: Range<Int>) throws(SerialFault) {
    let end = frame.upperBound
    var index = frame.lowerBound
    while true {
      while index < end, isSeparator(bytes[index]) { index += 1 }
      guard index < end else { return }
      let token = token(bytes, index..<end)
      guard let sign = sign(bytes, index..<end) else { throw .notAPair(token) }
      let name = CSVTokens.trimming(bytes, index..<sign)
      let isNamed =
        SerialDecoder.isName(bytes, name)
        // 12:30 is a time of day.
        && (bytes[sign] != UInt8(ascii: ":") || bytes[name.lowerBound] >= 0x41)
      guard isNamed else { throw .notAPair(index..<max(token.upperBound, sign)) }
      let text = try value(bytes, index..<end, after: sign)
      index = text.upperBound
      let value = SerialDecoder.number(bytes, text, decimalComma: true)
      try fields.append(.init(name: name, position: 0, text: text, value: value))
    }
  }

  /// The bytes up to the next separator.
  private func token(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var index = range.lowerBound
    while index < range.upperBound, !isSeparator(bytes[index]) { index += 1 }
    return range.lowerBound..<index
  }

  /// The position of the equals sign or colon that ends the name at the beginning of `range`; white
  /// space may stand before it.
  private func sign(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound, !isSign(bytes[index]), !isSeparator(bytes[index]) { index += 1 }
    while index < range.upperBound, isSpace(bytes[index]) { index += 1 }
    return index < range.upperBound && isSign(bytes[index]) ? index : nil
  }

  /// The value after the sign of a pair: a token, with the digits after a decimal comma and an
  /// optional unit; empty if another pair follows immediately.
  private func value(
    _ bytes: Span<UInt8>, _ pair: Range<Int>, after sign: Int
  ) throws(SerialFault) -> Range<Int> {
    let end = pair.upperBound
    let first = skipSpace(bytes, sign + 1..<end)
    if first > sign + 1, self.sign(bytes, first..<end) != nil { return sign + 1..<sign + 1 }
    var text = token(bytes, first..<end)
    guard !bytes.contains(UInt8(ascii: "="), in: text) else {
      throw .notAPair(pair.lowerBound..<text.upperBound)
    }
    let comma = text.upperBound
    if delimiter == nil, comma + 1 < end, bytes[comma] == 0x2C, bytes[comma + 1] &- 0x30 < 10,
      self.sign(bytes, comma + 1..<end) == nil, isWholeNumber(bytes, text)
    {
      text = text.lowerBound..<token(bytes, comma + 1..<end).upperBound
    }
    let unit = token(bytes, skipSpace(bytes, text.upperBound..<end)..<end)
    let isUnit =
      !text.isEmpty && !unit.isEmpty && unit.count <= CellUnit.longest
      && self.sign(bytes, unit.lowerBound..<end) == nil
      && unit.allSatisfy { CellUnit.isUnitByte(bytes[$0]) }
    return isUnit ? text.lowerBound..<unit.upperBound : text
  }

  private func isWholeNumber(_ bytes: Span<UInt8>, _ text: Range<Int>) -> Bool {
    var rest = text
    if let first = rest.first, bytes[first] == 0x2D || bytes[first] == 0x2B { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy { bytes[$0] &- 0x30 < 10 }
  }

  private func skipSpace(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var index = range.lowerBound
    while index < range.upperBound, isSpace(bytes[index]) { index += 1 }
    return index
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private func isSign(_ byte: UInt8) -> Bool {
    (byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":")) && byte != delimiter
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    if let delimiter { return byte == delimiter }
    return byte == 0x20 || byte == 0x09 || byte == 0x2C || byte == 0x3B
  }

  /// The number in `range`; NaN if empty or one of the words for a missing value, nil for anything
  /// else.
  static func number(
    _ bytes: Span<UInt8>, _ range: Range<Int>, decimalComma: Bool = false
  ) -> Double? {
    switch CSVNumber(bytes, range, decimalComma: decimalComma) {
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
}
