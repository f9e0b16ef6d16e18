// How the values of this room are written in messages and files: by any `Encoder`, mostly as JSON.

extension Timestamp: Codable {
  /// Parses `2026-11-20T14:02:09.250Z`; rejects any other form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let parsed = Timestamp(iso8601: text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected a time such as 2026-11-20T14:02:09.250Z, found '\(text)'")
    }
    self = parsed
  }

  /// Writes ``iso8601``: exact to a millisecond.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(iso8601)
  }

  /// Inverse of ``iso8601``.
  private init?(iso8601 text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 24 else { return nil }
    for (byte, expected) in zip(bytes, "0000-00-00T00:00:00.000Z".utf8) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard expected == UInt8(ascii: "0") ? isDigit : byte == expected else { return nil }
    }
    func number(_ range: Range<Int>) -> Int {
      bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
    self.init(
      CivilTime(
        year: number(0..<4), month: number(5..<7), day: number(8..<10), hour: number(11..<13),
        minute: number(14..<16), second: number(17..<19), nanosecond: number(20..<23) * 1_000_000))
  }
}

extension Sample: Codable {
  private enum Key: String, CodingKey {
    case at, value
  }

  /// Reads `at` and `value`; a sample without a value is a gap.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    self.init(
      timestamp: try fields.decode(Timestamp.self, forKey: .at),
      value: try fields.decodeIfPresent(Double.self, forKey: .value) ?? .nan)
  }

  /// Writes `at` and, unless it is a gap, `value`.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(timestamp, forKey: .at)
    try fields.encodeIfPresent(value.ifFinite, forKey: .value)
  }
}

extension MetricName: Codable {
  /// Reads the text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(validating: try container.decode(String.self))
    } catch let error as MetricNameError {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: error.description)
    }
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension FloatingPoint {
  /// Itself; nil for NaN and the infinities, which JSON cannot express.
  public var ifFinite: Self? { isFinite ? self : nil }
}

/// An enumeration whose cases are stored as numbers, and are words in messages and files.
public protocol NamedCase: CaseIterable, Codable, RawRepresentable, Sendable
where RawValue == UInt8 {
  /// The word.
  var name: String { get }
}

extension NamedCase {
  /// The case with that ``name``.
  public init?(name: some StringProtocol) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// Reads the word.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let match = Self(name: text) else {
      let words = Self.allCases.map(\.name).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected one of \(words), found '\(text)'")
    }
    self = match
  }

  /// Writes the word.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
