import Series

/// A line of StatsD: `name:value|type`, after which may stand `|@rate` and `|#tags`.
///
/// The form is that of Etsy's StatsD with DogStatsD's additions: several values with colons
/// between, tags, and the types h, d; e is this program's own: an event of a stream, in the order
/// and at the time of arrival. DogStatsD's container ids, time stamps and the like are passed over:
/// what is sent is of now and of this host.
struct StatsDLine: Equatable {
  /// What is counted or measured.
  enum Kind: Equatable {
    /// Type c, and m: events.
    case counter
    /// Type g: a state.
    case gauge
    /// Types ms, h and d: single measurements.
    case timer
    /// Type e: an event whose id is the value.
    case event
    /// Type s: names of things, of which those that differ count.
    case set
  }

  /// The metric's name.
  var name: Range<Int>
  /// One or more numbers with colons between; for a set anything at all, for an event its id.
  var values: Range<Int>
  /// The type.
  var kind: Kind
  /// The share of events that is sent, above 0 and up to 1.
  var rate = 1.0
  /// The tags with commas between; empty if there are none.
  var tags = 0..<0

  /// Reads a line whose first colon is at `colon`; nil if no type follows that exists.
  init?(_ bytes: Span<UInt8>, _ line: Range<Int>, colon: Int) throws(SocketFault) {
    let bar = UInt8(ascii: "|")
    guard let typeBar = bytes.first(bar, in: colon + 1..<line.upperBound) else { return nil }
    var end = bytes.first(bar, in: typeBar + 1..<line.upperBound) ?? line.upperBound
    guard let kind = StatsDLine.kind(bytes, typeBar + 1..<end) else { return nil }
    self.kind = kind
    name = CSVTokens.trimming(bytes, line.lowerBound..<colon)
    values = colon + 1..<typeBar
    guard !name.isEmpty else { throw .noName }
    while end < line.upperBound {
      let start = end + 1
      end = bytes.first(bar, in: start..<line.upperBound) ?? line.upperBound
      try readSection(bytes, start..<end)
    }
    try checkValues(bytes)
  }

  private static func kind(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Kind? {
    guard let first = range.first else { return nil }
    if range.count == 1 {
      switch bytes[first] {
      case UInt8(ascii: "c"), UInt8(ascii: "m"): return .counter
      case UInt8(ascii: "g"): return .gauge
      case UInt8(ascii: "h"), UInt8(ascii: "d"): return .timer
      case UInt8(ascii: "s"): return .set
      case UInt8(ascii: "e"): return .event
      default: return nil
      }
    }
    return bytes.equals("ms", in: range) ? .timer : nil
  }

  private mutating func readSection(
    _ bytes: Span<UInt8>,
    _ section: Range<Int>
  ) throws(SocketFault) {
    guard let first = section.first else { throw .section(section) }
    let rest = first + 1..<section.upperBound
    switch bytes[first] {
    case UInt8(ascii: "@"):
      guard case .value(let rate) = CSVNumber(bytes, rest), rate > 0, rate <= 1 else {
        throw .rate(rest)
      }
      self.rate = rate
    case UInt8(ascii: "#"): tags = rest
    default:
      let isKnown =
        bytes.starts(with: "c:", in: section) || bytes.starts(with: "e:", in: section)
        || bytes.starts(with: "card:", in: section) || bytes.starts(with: "T", in: section)
      guard isKnown else { throw .section(section) }
    }
  }

  /// All or nothing: a line is not begun to be taken before it is known to be good.
  private func checkValues(_ bytes: Span<UInt8>) throws(SocketFault) {
    if kind == .event {
      // What is left out of an order is not known.
      guard rate == 1 else { throw .sampledEvent }
      guard TraceEvent.isValid(bytes.extracting(values)) else { throw .eventID(values) }
      return
    }
    guard kind != .set else {
      guard !values.isEmpty else { throw .number(values) }
      return
    }
    var rest: Range<Int>? = values
    while let value = StatsDLine.nextValue(bytes, &rest) {
      guard case .value = CSVNumber(bytes, value) else { throw .number(value) }
    }
  }

  /// Takes the first value off `rest`, of which nothing is left after the last one.
  static func nextValue(_ bytes: Span<UInt8>, _ rest: inout Range<Int>?) -> Range<Int>? {
    guard let values = rest else { return nil }
    let colon = bytes.first(UInt8(ascii: ":"), in: values)
    rest = colon.map { $0 + 1..<values.upperBound }
    return values.lowerBound..<(colon ?? values.upperBound)
  }
}
