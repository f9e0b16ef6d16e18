package import Series

/// Facts to report about an event of a stream: what came, what was expected, and when.
public struct SymbolFacts: Equatable, Sendable {
  /// An id and how likely it was.
  public struct Expectation: Codable, Equatable, Sendable {
    /// The id as text.
    public var id: String
    /// 0...1.
    public var probability: Double

    /// An expectation with these parts.
    public init(id: String, probability: Double) {
      self.id = id
      self.probability = probability
    }
  }

  /// The id that came.
  public var id: String
  /// The id before it; nil at the first event.
  public var previous: String?
  /// How likely the id was, 0...1.
  public var probability: Double
  /// The ids most likely in its place, in descending order, at most ``mostExpected``.
  public var expected: [Expectation]
  /// Seconds since the event before; nil if unknown.
  public var interval: Double?
  /// Usual seconds between these two ids; nil if unknown.
  public var usualInterval: Double?

  /// The most ids reported as expected.
  public static let mostExpected = 3

  /// Facts with these parts.
  public init(
    id: String, previous: String?, probability: Double, expected: [Expectation],
    interval: Double?, usualInterval: Double?
  ) {
    self.id = id
    self.previous = previous
    self.probability = probability
    self.expected = expected
    self.interval = interval
    self.usualInterval = usualInterval
  }
}

extension SymbolFacts {
  package func encode(to writer: inout ByteWriter) {
    writer.write(id)
    writer.write(previous ?? "")
    writer.write(probability)
    writer.write(UInt8(expected.count))
    for expectation in expected {
      writer.write(expectation.id)
      writer.write(expectation.probability)
    }
    writer.write(interval ?? .nan)
    writer.write(usualInterval ?? .nan)
  }

  package init(from reader: inout ByteReader) throws(ByteReaderError) {
    id = try reader.readString()
    let before = try reader.readString()
    previous = before.isEmpty ? nil : before
    probability = try reader.readDouble()
    let offset = reader.offset
    let count = try reader.readUInt8()
    guard count <= SymbolFacts.mostExpected else {
      throw .outOfRange(offset: offset, value: Int64(count))
    }
    expected = []
    for _ in 0..<count {
      expected.append(
        Expectation(id: try reader.readString(), probability: try reader.readDouble()))
    }
    let interval = try reader.readDouble()
    self.interval = interval.isNaN ? nil : interval
    let usual = try reader.readDouble()
    usualInterval = usual.isNaN ? nil : usual
  }
}
