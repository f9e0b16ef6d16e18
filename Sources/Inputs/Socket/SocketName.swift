import Series

/// The name of a series while it is built; created once and reused for every line.
///
/// `PREFIX.NAME.PART,tag=value,tag=value`: the part that distinguishes measurements of one thing
/// precedes the tags, so that a pattern such as `web.latency.p95*` matches all of them.
struct SocketName {
  /// The bytes; valid up to ``count``.
  private(set) var bytes = [UInt8](repeating: 0, count: MetricName.maximumLength)
  /// Their number.
  private(set) var count = 0
  /// Where the tags begin, so that a part can be inserted before them.
  private(set) var stem = 0
  /// Whether it exceeds the maximum length.
  private(set) var isTooLong = false
  private let prefix: [UInt8]

  init(prefix: String) {
    self.prefix = prefix.isEmpty ? [] : Array((prefix + ".").utf8)
  }

  /// Begins a name with the prefix.
  mutating func start() {
    count = 0
    isTooLong = false
    for byte in prefix { append(byte) }
    stem = count
  }

  /// Truncates to `length` bytes, a length that it had before.
  mutating func cut(to length: Int) {
    count = length
    stem = length
    isTooLong = false
  }

  /// Appends a part of a name as sent.
  /// - Parameter isEscaped: whether backslashes are escapes.
  mutating func append(_ range: Range<Int>, of source: Span<UInt8>, isEscaped: Bool) {
    appendText(range, of: source, isEscaped: isEscaped)
    stem = count
  }

  /// Appends the separator between two parts of a name.
  mutating func appendDot() {
    append(UInt8(ascii: "."))
    stem = count
  }

  /// Appends tags.
  mutating func append(_ tags: SocketTags, of source: Span<UInt8>, areEscaped: Bool) {
    for index in 0..<tags.count {
      append(UInt8(ascii: ","))
      appendText(tags[index].key, of: source, isEscaped: areEscaped)
      guard !tags[index].value.isEmpty else { continue }
      append(UInt8(ascii: "="))
      appendText(tags[index].value, of: source, isEscaped: areEscaped)
    }
  }

  private mutating func appendText(
    _ range: Range<Int>,
    of source: Span<UInt8>,
    isEscaped: Bool
  ) {
    var index = range.lowerBound
    while index < range.upperBound {
      if isEscaped, source[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound,
        SocketName.isEscapable(source[index + 1])
      {
        index += 1
      }
      append(SocketName.isAllowed(source[index]) ? source[index] : UInt8(ascii: "_"))
      index += 1
    }
  }

  private mutating func append(_ byte: UInt8) {
    guard count < bytes.count else {
      isTooLong = true
      return
    }
    bytes[count] = byte
    count += 1
  }

  private static func isEscapable(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "=") || byte == 0x20
      || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "\"")
  }

  /// ASCII characters that a metric's name may contain; the rest is checked when the series is
  /// created.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "*"),
      UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"):
      false
    default: true
    }
  }

  /// The name as bytes.
  var key: [UInt8] { Array(bytes[..<count]) }

  /// The bytes of `key` with `part` before its tags.
  static func key(_ key: [UInt8], stem: Int, part: StaticString) -> [UInt8] {
    var result = Array(key[..<stem])
    part.withUTF8Buffer { result.append(contentsOf: $0) }
    return result + key[stem...]
  }

  /// The metric name in these bytes.
  static func metricName(_ key: [UInt8]) throws(SocketFault) -> MetricName {
    guard let text = String(validating: key, as: UTF8.self) else { throw .badName }
    do throws(MetricNameError) {
      return try MetricName(validating: text)
    } catch .tooLong {
      throw .longName
    } catch {
      throw .badName
    }
  }
}
