/// A line of InfluxDB's line protocol: `name,tag=value field=value,field=value timestamp`.
///
/// Commas, spaces and equals signs in names and tags are escaped by a backslash; text fields are
/// quoted, with backslash escapes for a quote or a backslash.
struct InfluxLine: Equatable {
  /// The measurement's name, including escapes.
  var name: Range<Int>
  /// `tag=value` pairs with commas between; empty if there are none.
  var tags: Range<Int>
  /// `field=value` pairs with commas between.
  var fields: Range<Int>
  /// The time stamp; empty if there is none.
  var timestamp: Range<Int>

  /// Parses a line, all or nothing.
  init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(SocketFault) {
    let end = line.upperBound
    var index = InfluxLine.skip(bytes, line, until: UInt8(ascii: ","), or: 0x20)
    name = line.lowerBound..<index
    guard !name.isEmpty else { throw .noName }
    tags = index..<index
    if index < end, bytes[index] == UInt8(ascii: ",") {
      let start = index + 1
      index = InfluxLine.skip(bytes, start..<end, until: 0x20, or: 0x20)
      tags = start..<index
      guard !tags.isEmpty else { throw .tag(tags) }
    }
    while index < end, bytes[index] == 0x20 { index += 1 }
    fields = index..<index
    var rest = index..<end
    repeat {
      let field = try Field(bytes, &rest)
      guard field.isText || InfluxLine.number(bytes, field.value) != nil else {
        throw .number(field.value)
      }
    } while rest.lowerBound < end && bytes[rest.lowerBound - 1] == UInt8(ascii: ",")
    fields = index..<rest.lowerBound
    timestamp = CSVTokens.trimming(bytes, rest)
    guard timestamp.isEmpty || InfluxLine.whole(bytes, timestamp) != nil else {
      throw .timestamp(timestamp)
    }
  }

  /// One field.
  struct Field: Equatable {
    /// Its name, including escapes.
    var key: Range<Int>
    /// Its value; for text, the part between the quotes.
    var value: Range<Int>
    /// Whether the value is text.
    var isText = false

    /// Removes a field from the beginning of `rest`, with the comma or space after it.
    init(_ bytes: Span<UInt8>, _ rest: inout Range<Int>) throws(SocketFault) {
      let start = rest.lowerBound
      let end = rest.upperBound
      let equals = InfluxLine.skip(bytes, rest, until: UInt8(ascii: "="), or: 0x20)
      guard equals > start, equals < end, bytes[equals] == UInt8(ascii: "=") else {
        throw .field(start..<end)
      }
      key = start..<equals
      var index = equals + 1
      if index < end, bytes[index] == UInt8(ascii: "\"") {
        isText = true
        let text = index + 1..<end
        guard let quote = InfluxLine.closingQuote(bytes, text) else { throw .openText(text) }
        value = text.lowerBound..<quote
        index = quote + 1
      } else {
        let number = index
        while index < end, bytes[index] != UInt8(ascii: ","), bytes[index] != 0x20 { index += 1 }
        value = number..<index
      }
      let isLast = index == end || bytes[index] == 0x20
      guard !value.isEmpty || isText, isLast || bytes[index] == UInt8(ascii: ",") else {
        throw .field(start..<end)
      }
      rest = min(index + 1, end)..<end
      // A comma requires another field.
      if !isLast, rest.isEmpty { throw .field(start..<end) }
    }
  }

  /// The first quote in `text` that no backslash escapes.
  static func closingQuote(_ bytes: Span<UInt8>, _ text: Range<Int>) -> Int? {
    let quote = UInt8(ascii: "\"")
    let index = skip(bytes, text, until: quote, or: quote)
    return index < text.upperBound ? index : nil
  }

  /// The number of a field: `1.5`, `12i`, `12u`, a boolean as 1 or 0; nil for anything else.
  static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    guard let first = range.first, let last = range.last else { return nil }
    switch bytes[last] {
    case UInt8(ascii: "i"):
      return whole(bytes, first..<last).map { Double($0) }
    case UInt8(ascii: "u"):
      guard bytes[first] != UInt8(ascii: "-"), first < last else { return nil }
      guard case .value(let value) = CSVNumber(bytes, first..<last),
        isDigits(bytes, first..<last)
      else { return nil }
      return value
    case 0x30...0x39, UInt8(ascii: "."):
      guard case .value(let value) = CSVNumber(bytes, range) else { return nil }
      return value
    default: return truth(bytes, range)
    }
  }

  private static func truth(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
    if bytes.equals("t", in: range) || bytes.equals("T", in: range)
      || bytes.equals("true", in: range) || bytes.equals("True", in: range)
      || bytes.equals("TRUE", in: range)
    {
      return 1
    }
    if bytes.equals("f", in: range) || bytes.equals("F", in: range)
      || bytes.equals("false", in: range) || bytes.equals("False", in: range)
      || bytes.equals("FALSE", in: range)
    {
      return 0
    }
    return nil
  }

  private static func isDigits(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range where !(0x30...0x39).contains(bytes[index]) { return false }
    return !range.isEmpty
  }

  /// A whole number with an optional minus sign; nil for anything else, and beyond 64 bits.
  static func whole(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
    var index = range.lowerBound
    var isNegative = false
    if index < range.upperBound, bytes[index] == UInt8(ascii: "-") {
      isNegative = true
      index += 1
    }
    guard isDigits(bytes, index..<range.upperBound) else { return nil }
    var result: Int64 = 0
    while index < range.upperBound {
      let digit = Int64(bytes[index] - 0x30)
      let (tens, overflow) = result.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(isNegative ? -digit : digit)
      guard !overflow, !carry else { return nil }
      result = sum
      index += 1
    }
    return result
  }

  /// The position of the first unescaped one of two bytes; the end of `range` if there is none.
  static func skip(
    _ bytes: Span<UInt8>,
    _ range: Range<Int>,
    until first: UInt8,
    or second: UInt8
  ) -> Int {
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      if byte == first || byte == second { return index }
      index += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    return range.upperBound
  }
}
