public import Series

/// A UUID of version 7 (RFC 9562) that is a function of host, metric and opening time.
///
/// The same samples give the same id, so that an event that opens again after a crash or in a backtest
/// has the id it had before, and a receiver recognises it.
public struct EventID: Hashable, Codable, Sendable, CustomStringConvertible {
  /// Bits 127...64: 48 bits of Unix milliseconds, version 7, 12 bits of hash.
  public let high: UInt64
  /// Bits 63...0: variant `10`, 62 bits of hash.
  public let low: UInt64

  /// The id of the event that `metric` opened at `opened`.
  /// - Parameter hostSeed: distinguishes hosts; derived from the machine id, 0 in a backtest.
  public init(metric: MetricName, opened: Timestamp, hostSeed: UInt64) {
    var hash = SplitMix64(state: hostSeed ^ UInt64(bitPattern: opened.nanoseconds))
    var mixed = hash.next()
    for byte in metric.text.utf8 {
      hash = SplitMix64(state: mixed ^ UInt64(byte))
      mixed = hash.next()
    }
    let milliseconds = UInt64(bitPattern: opened.nanoseconds / 1_000_000) & 0xFFFF_FFFF_FFFF
    high = milliseconds << 16 | 0x7000 | (mixed & 0xFFF)
    low = 0x8000_0000_0000_0000 | (hash.next() >> 2)
  }

  /// The id of the incident that begins with an event.
  /// - Parameter moment: when the step with which it begins takes place; not the event's opening if
  ///   a closed event resumes.
  public init(incidentOf event: EventID, at moment: Timestamp) {
    var hash = SplitMix64(state: event.low ^ UInt64(bitPattern: moment.nanoseconds))
    high = event.high & ~0xFFF | (hash.next() & 0xFFF)
    low = 0x8000_0000_0000_0000 | (hash.next() >> 2)
  }

  /// The id with these stored bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The usual text, such as `019aa2c4-5f10-7abc-8def-0123456789ab`.
  public var description: String {
    func hex(_ bits: UInt64, _ digits: Int) -> String {
      let text = String(bits, radix: 16)
      return String(repeating: "0", count: digits - text.count) + text
    }
    return hex(high >> 32, 8) + "-" + hex(high >> 16 & 0xFFFF, 4) + "-" + hex(high & 0xFFFF, 4)
      + "-" + hex(low >> 48, 4) + "-" + hex(low & 0xFFFF_FFFF_FFFF, 12)
  }
}

extension EventID {
  /// Reads the usual text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let digits = text.filter { $0 != "-" }
    guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
      let low = UInt64(digits.suffix(16), radix: 16)
    else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a UUID, found '\(text)'")
    }
    self.init(high: high, low: low)
  }

  /// Writes the usual text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    self.init(high: try reader.readUInt64(), low: try reader.readUInt64())
  }
}

/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
