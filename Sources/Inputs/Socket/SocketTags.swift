/// The relevant tags of one line, sorted by their text, so that the order in which a sender lists
/// them does not matter; created once and reused for every line.
struct SocketTags {
  /// One tag.
  struct Tag: Equatable {
    /// Its key.
    var key: Range<Int>
    /// Its value; empty if there is none.
    var value: Range<Int>
  }

  private(set) var count = 0
  private var tags = [Tag](repeating: Tag(key: 0..<0, value: 0..<0), count: SocketLimits.tags)
  /// The relevant keys; nil for all.
  private let chosen: [[UInt8]]?

  init(_ tags: SocketSection.Tags) {
    switch tags {
    case .all: chosen = nil
    case .chosen(let keys): chosen = keys.map { Array($0.utf8) }
    }
  }

  /// The tag at `index`, below ``count``.
  subscript(index: Int) -> Tag { tags[index] }

  /// Parses DogStatsD's tags, `key:value` or `key`, separated by commas.
  mutating func read(statsD range: Range<Int>, _ bytes: Span<UInt8>) throws(SocketFault) {
    count = 0
    var index = range.lowerBound
    while index < range.upperBound {
      let end = bytes.first(UInt8(ascii: ","), in: index..<range.upperBound) ?? range.upperBound
      let colon = bytes.first(UInt8(ascii: ":"), in: index..<end)
      if index < end {
        let value = colon.map { $0 + 1..<end } ?? end..<end
        try add(Tag(key: index..<(colon ?? end), value: value), bytes)
      }
      index = end + 1
    }
  }

  /// Parses the tags of the line protocol, `key=value`, separated by commas.
  mutating func read(influx range: Range<Int>, _ bytes: Span<UInt8>) throws(SocketFault) {
    count = 0
    var index = range.lowerBound
    while index < range.upperBound {
      let rest = index..<range.upperBound
      let end = InfluxLine.skip(bytes, rest, until: UInt8(ascii: ","), or: UInt8(ascii: ","))
      let tag = index..<end
      let equals = InfluxLine.skip(bytes, tag, until: UInt8(ascii: "="), or: UInt8(ascii: "="))
      guard equals > index, equals + 1 < end else { throw .tag(tag) }
      try add(Tag(key: index..<equals, value: equals + 1..<end), bytes)
      index = end + 1
      // A comma requires another tag.
      if index == range.upperBound { throw .tag(range) }
    }
  }

  private mutating func add(_ tag: Tag, _ bytes: Span<UInt8>) throws(SocketFault) {
    guard isChosen(tag, bytes) else { return }
    guard count < SocketLimits.tags else { throw .tooManyTags }
    var place = count
    while place > 0, SocketTags.precedes(tag, tags[place - 1], bytes) {
      tags[place] = tags[place - 1]
      place -= 1
    }
    tags[place] = tag
    count += 1
  }

  private func isChosen(_ tag: Tag, _ bytes: Span<UInt8>) -> Bool {
    guard let chosen else { return true }
    for key in chosen where key.count == tag.key.count {
      var offset = 0
      while offset < key.count, bytes[tag.key.lowerBound + offset] == key[offset] { offset += 1 }
      if offset == key.count { return true }
    }
    return false
  }

  private static func precedes(_ one: Tag, _ other: Tag, _ bytes: Span<UInt8>) -> Bool {
    let order = compare(one.key, other.key, bytes)
    return order < 0 || (order == 0 && compare(one.value, other.value, bytes) < 0)
  }

  /// Negative if `one` comes first, 0 if both are equal.
  private static func compare(
    _ one: Range<Int>,
    _ other: Range<Int>,
    _ bytes: Span<UInt8>
  ) -> Int {
    for offset in 0..<min(one.count, other.count) {
      let difference =
        Int(bytes[one.lowerBound + offset]) - Int(bytes[other.lowerBound + offset])
      if difference != 0 { return difference }
    }
    return one.count - other.count
  }
}
