internal import Glibc

/// The lines of a file that was read as a whole, in place.
///
/// Every line of a /proc file ends in a newline: a last line without one was truncated, its numbers
/// may be wrong, and it is recorded as a complaint.
package struct TextLines {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  /// The number of the line that ``next(_:)`` last returned, 1 for the first.
  package private(set) var number = 0

  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next line without its newline, valid as long as the bytes are; nil at the end.
  package mutating func next(_ complaints: inout Complaints) -> UnsafeRawBufferPointer? {
    guard offset < bytes.count, let base = bytes.baseAddress else { return nil }
    number += 1
    let start = base + offset
    let available = bytes.count - offset
    guard let newline = memchr(start, 0x0A, available) else {
      let rest = UnsafeRawBufferPointer(start: start, count: available)
      complaints.malformed(line: number, expected: "a line that ends in a newline", found: rest)
      offset = bytes.count
      return nil
    }
    let length = UnsafeRawPointer(newline) - start
    offset += length + 1
    return UnsafeRawBufferPointer(start: start, count: length)
  }
}

/// The fields of one line, separated by spaces and tabs, in place.
package struct TextFields {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0

  package init(_ line: UnsafeRawBufferPointer) {
    bytes = line
  }

  /// The next field, valid as long as the line is; nil at the end.
  package mutating func next() -> UnsafeRawBufferPointer? {
    while offset < bytes.count, TextFields.isBlank(bytes[offset]) { offset += 1 }
    guard offset < bytes.count else { return nil }
    let start = offset
    while offset < bytes.count, !TextFields.isBlank(bytes[offset]) { offset += 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<offset])
  }

  /// The next field as a number; nil at the end or if it is not an unsigned 64-bit number.
  package mutating func unsigned() -> UInt64? {
    next()?.unsigned
  }

  /// The text after the last field.
  package var rest: UnsafeRawBufferPointer { bytes.dropping(offset) }

  /// Whether only blanks are left.
  package var isAtEnd: Bool {
    var rest = self
    return rest.next() == nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension UnsafeRawBufferPointer {
  /// All bytes as one decimal number; nil if there are none, for anything but digits, and beyond
  /// 64 bits.
  package var unsigned: UInt64? {
    guard !isEmpty else { return nil }
    var value: UInt64 = 0
    for byte in self {
      let digit = byte &- 0x30
      guard digit <= 9 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// All bytes as one decimal number with an optional minus sign; nil for anything else, and
  /// beyond 64 bits.
  package var signed: Int64? {
    guard first == UInt8(ascii: "-") else { return unsigned.flatMap { Int64(exactly: $0) } }
    return dropping(1).unsigned.flatMap { Int64(exactly: $0) }.map { -$0 }
  }

  /// All bytes as a decimal fraction such as `12.05`; nil for anything else, and for more than
  /// fifteen digits.
  package var decimal: Double? {
    guard let point = firstIndex(of: 0x2E), count <= 16, point + 1 < count,
      let whole = UnsafeRawBufferPointer(rebasing: self[..<point]).unsigned,
      let fraction = UnsafeRawBufferPointer(rebasing: self[(point + 1)...]).unsigned
    else { return nil }
    var scale = 1.0
    for _ in (point + 1)..<count { scale *= 10 }
    return Double(whole) + Double(fraction) / scale
  }

  /// Whether these bytes are exactly the bytes of `text`.
  package func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && starts(with: text)
  }

  /// Whether the first bytes are those of `text`.
  package func starts(with text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount, let baseAddress else {
      return text.utf8CodeUnitCount == 0
    }
    return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// The bytes after the first `length`.
  package func dropping(_ length: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[Swift.min(length, count)...])
  }
}
