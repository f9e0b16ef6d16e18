public import Series

/// A time stamp in messages: RFC 3339 text in UTC with milliseconds.
public struct Moment: Codable, Equatable, Sendable {
  /// The time, exact to a millisecond after transmission.
  public var timestamp: Timestamp

  /// Creates a time from a time stamp.
  public init(_ timestamp: Timestamp) {
    self.timestamp = timestamp
  }

  /// Parses `2026-11-20T14:02:09.250Z`; rejects any other form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let timestamp = Moment.parse(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected a time such as 2026-11-20T14:02:09.250Z, found '\(text)'"
      )
    }
    self.timestamp = timestamp
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(timestamp.iso8601)
  }

  private static func parse(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    guard bytes.count == 24 else { return nil }
    let frame = Array("0000-00-00T00:00:00.000Z".utf8)
    for (byte, expected) in zip(bytes, frame) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard expected == UInt8(ascii: "0") ? isDigit : byte == expected else { return nil }
    }
    func number(_ range: Range<Int>) -> Int {
      bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
    return Timestamp(
      CivilTime(
        year: number(0..<4),
        month: number(5..<7),
        day: number(8..<10),
        hour: number(11..<13),
        minute: number(14..<16),
        second: number(17..<19),
        nanosecond: number(20..<23) * 1_000_000
      )
    )
  }
}
