import Series

/// A line of StatsD: `name:value|type`, optionally followed by `|@rate` and `|#tags`.
///
/// The format is that of Etsy's StatsD with DogStatsD's additions: several values separated by
/// colons, tags, and the types h, d; e is this program's own: an event of a stream, in the order
/// and at the time of arrival. As Etsy's StatsD reads them, further measurements may follow a
/// colon, each with a type and perhaps a rate: `wait:5|ms:7|ms|@0.5`. Tags are those of the whole
/// line. DogStatsD's container ids, time stamps and the like are ignored: all data is about this
/// host and the present.
struct StatsDLine: Equatable {
  /// One or more values with a type.
  struct Measurement: Equatable {
    /// Numbers separated by colons; for a set anything at all, for an event its id.
    var values: Range<Int>
    /// The kind of series: types c and m are counters, g is a gauge, ms, h and d are timers, s is a
    /// set, e an event.
    var kind: SocketSeries.Kind
    /// The share of events that is sent, above 0 and up to 1.
    var rate = 1.0
    /// The tags separated by commas; empty if there are none.
    var tags = 0..<0
  }

  /// The metric's name.
  var name: Range<Int>
  /// The first measurement.
  var first: Measurement
  /// The text of further measurements, all of the same kind; nil if there are none.
  var others: Range<Int>?
  /// The tags separated by commas; empty if there are none.
  var tags: Range<Int>

  /// The type.
  var kind: SocketSeries.Kind { first.kind }

  /// Parses a line whose first colon is at `colon`, all or nothing; nil if no known type follows.
  init?(_ bytes: Span<UInt8>, _ line: Range<Int>, colon: Int) throws(SocketFault) {
    var rest: Range<Int>? = colon + 1..<line.upperBound
    guard let first = try Measurement(bytes, &rest, isFirst: true) else { return nil }
    self.first = first
    name = CSVTokens.trimming(bytes, line.lowerBound..<colon)
    others = rest
    tags = first.tags
    guard !name.isEmpty else { throw .noName }
    try first.check(bytes)
    while let next = try Measurement(bytes, &rest) {
      guard next.kind == first.kind else {
        throw .conflict(expected: first.kind.words, found: next.kind.words)
      }
      if !next.tags.isEmpty { tags = next.tags }
      try next.check(bytes)
    }
  }

  /// Removes the first value from `rest`, which is nil after the last one.
  static func nextValue(_ bytes: Span<UInt8>, _ rest: inout Range<Int>?) -> Range<Int>? {
    guard let values = rest else { return nil }
    let colon = bytes.first(UInt8(ascii: ":"), in: values)
    rest = colon.map { $0 + 1..<values.upperBound }
    return values.lowerBound..<(colon ?? values.upperBound)
  }
}

extension StatsDLine.Measurement {
  /// Removes the first measurement from `rest`, which is nil after the last one.
  /// - Parameter isFirst: whether an unknown type means that this is not a line of StatsD.
  /// - Returns: nil if nothing is left.
  init?(
    _ bytes: Span<UInt8>, _ rest: inout Range<Int>?, isFirst: Bool = false
  ) throws(SocketFault) {
    guard let text = rest else { return nil }
    let (bar, colon) = (UInt8(ascii: "|"), UInt8(ascii: ":"))
    rest = nil
    guard let typeBar = bytes.first(bar, in: text) else {
      if isFirst { return nil }
      throw .type(text)
    }
    values = text.lowerBound..<typeBar
    var end = bytes.first(bar, in: typeBar + 1..<text.upperBound) ?? text.upperBound
    let next = bytes.first(colon, in: typeBar + 1..<end)
    let type = typeBar + 1..<(next ?? end)
    guard let kind = StatsDLine.Measurement.kind(bytes, type) else {
      if isFirst { return nil }
      throw .type(type)
    }
    self.kind = kind
    if let next { rest = next + 1..<text.upperBound }
    while rest == nil, end < text.upperBound {
      let start = end + 1
      end = bytes.first(bar, in: start..<text.upperBound) ?? text.upperBound
      // After a rate a colon begins the next measurement; in tags it belongs to them.
      if start < end, bytes[start] == UInt8(ascii: "@"),
        let next = bytes.first(colon, in: start..<end)
      {
        rest = next + 1..<text.upperBound
        end = next
      }
      try readSection(bytes, start..<end)
    }
  }

  private static func kind(
    _ bytes: Span<UInt8>, _ range: Range<Int>
  ) -> SocketSeries.Kind? {
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

  /// Checks the values, before anything of a line is used.
  fileprivate func check(_ bytes: Span<UInt8>) throws(SocketFault) {
    if kind == .event {
      // Events missing from an order are unknown.
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
}
