/// Parses the number fields of one JSON object (RFC 8259) without building anything.
///
/// `null`, `NaN` and `Infinity` are gaps. Strings, booleans, objects and arrays are checked
/// syntactically and skipped, names with escapes likewise. Nesting may be 16 levels deep.
struct SerialJSON {
  private var index: Int
  private let end: Int
  private static let maximumDepth = 16

  init(_ range: Range<Int>) {
    index = range.lowerBound
    end = range.upperBound
  }

  /// Appends the fields of the object, which must be the only content.
  mutating func read(_ bytes: Span<UInt8>, into fields: inout SerialFields) throws(SerialFault) {
    try expect(bytes, UInt8(ascii: "{"))
    skipSpace(bytes)
    if !take(bytes, UInt8(ascii: "}")) {
      repeat {
        skipSpace(bytes)
        let name = try string(bytes)
        skipSpace(bytes)
        try expect(bytes, UInt8(ascii: ":"))
        skipSpace(bytes)
        let start = index
        let number = try value(bytes, depth: 1)
        if SerialDecoder.isName(bytes, name) {
          try fields.append(
            .init(name: name, position: 0, text: start..<index, value: number)
          )
        } else if number != nil {
          fields.unusableName = name
        }
        skipSpace(bytes)
      } while take(bytes, UInt8(ascii: ","))
      try expect(bytes, UInt8(ascii: "}"))
    }
    skipSpace(bytes)
    guard index == end else { throw .notJSON(at: index) }
  }

  /// Consumes any value.
  /// - Returns: the number, NaN for a gap, nil for another kind of value.
  private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(SerialFault) -> Double? {
    guard index < end, depth <= SerialJSON.maximumDepth else { throw .notJSON(at: index) }
    switch bytes[index] {
    case UInt8(ascii: "\""):
      _ = try string(bytes)
      return nil
    case UInt8(ascii: "{"):
      index += 1
      try skipMembers(bytes, until: UInt8(ascii: "}"), named: true, depth: depth)
      return nil
    case UInt8(ascii: "["):
      index += 1
      try skipMembers(bytes, until: UInt8(ascii: "]"), named: false, depth: depth)
      return nil
    default: return try scalar(bytes)
    }
  }

  private mutating func skipMembers(
    _ bytes: Span<UInt8>,
    until close: UInt8,
    named: Bool,
    depth: Int
  ) throws(SerialFault) {
    skipSpace(bytes)
    if take(bytes, close) { return }
    repeat {
      skipSpace(bytes)
      if named {
        _ = try string(bytes)
        skipSpace(bytes)
        try expect(bytes, UInt8(ascii: ":"))
        skipSpace(bytes)
      }
      _ = try value(bytes, depth: depth + 1)
      skipSpace(bytes)
    } while take(bytes, UInt8(ascii: ","))
    try expect(bytes, close)
  }

  /// A number, or a word.
  private mutating func scalar(_ bytes: Span<UInt8>) throws(SerialFault) -> Double? {
    let start = index
    while index < end, SerialJSON.isScalar(bytes[index]) { index += 1 }
    let word = start..<index
    if SerialJSON.matches(bytes, word, "true") || SerialJSON.matches(bytes, word, "false") {
      return nil
    }
    guard !word.isEmpty, let number = SerialDecoder.number(bytes, word) else {
      throw .notJSON(at: start)
    }
    return number
  }

  /// A string.
  /// - Returns: the bytes between its quotes, escapes unprocessed.
  private mutating func string(_ bytes: Span<UInt8>) throws(SerialFault) -> Range<Int> {
    try expect(bytes, UInt8(ascii: "\""))
    let start = index
    while index < end, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard index < end else { throw .notJSON(at: end) }
    index += 1
    return start..<index - 1
  }

  private mutating func expect(_ bytes: Span<UInt8>, _ byte: UInt8) throws(SerialFault) {
    guard take(bytes, byte) else { throw .notJSON(at: index) }
  }

  private mutating func take(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace(_ bytes: Span<UInt8>) {
    while index < end, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
  }

  /// Letters, digits, and the signs of numbers.
  private static func isScalar(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E: true
    default: false
    }
  }

  private static func matches(
    _ bytes: Span<UInt8>,
    _ range: Range<Int>,
    _ word: StaticString
  ) -> Bool {
    guard range.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { letters in
      for offset in 0..<letters.count where bytes[range.lowerBound + offset] != letters[offset] {
        return false
      }
      return true
    }
  }
}
