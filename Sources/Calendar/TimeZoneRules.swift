/// Offsets of local time from UTC, as in a file below /usr/share/zoneinfo, tzfile(5).
public struct TimeZoneRules: Equatable, Sendable {
  /// Its IANA name, such as `Europe/Berlin`.
  public let name: String
  /// Seconds since 1970 at which the offset changes, ascending.
  let changes: [Int]
  /// Seconds east of UTC before the first change, then from each change on.
  let offsets: [Int]
  /// The rule that applies after the last change.
  let tail: DaylightRule?

  /// Coordinated universal time.
  public static let utc = TimeZoneRules(name: "UTC", changes: [], offsets: [0], tail: nil)

  /// The rules in a value of the variable TZ, such as `CET-1CEST,M3.5.0,M10.5.0/3`; nil if it is
  /// malformed.
  public init?(rule text: String) {
    guard let rule = DaylightRule(text) else { return nil }
    self.init(name: text, changes: [], offsets: [rule.standard], tail: rule)
  }

  init(name: String, changes: [Int], offsets: [Int], tail: DaylightRule?) {
    (self.name, self.changes, self.offsets, self.tail) = (name, changes, offsets, tail)
  }

  /// The interval around `seconds` since 1970 in which the offset is constant.
  func period(at seconds: Int) -> OffsetPeriod {
    // The first change that is later.
    var (low, high) = (0, changes.count)
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= seconds { low = middle + 1 } else { high = middle }
    }
    let begins = low == 0 ? Int.min : changes[low - 1]
    if low < changes.count || tail == nil {
      return OffsetPeriod(
        offset: offsets[low], begins: begins, ends: low < changes.count ? changes[low] : .max)
    }
    var period = tail?.period(at: seconds) ?? OffsetPeriod(offset: 0, begins: .min, ends: .max)
    period.begins = max(period.begins, begins)
    return period
  }

  /// Date and time of day in this zone, `2026-11-21 02:00:00`, with the offset from UTC.
  public func text(_ nanoseconds: Int64) -> String {
    let seconds = floorDivided(Int(nanoseconds), by: 1_000_000_000)
    let shown = seconds + period(at: seconds).offset
    let day = CalendarDay(number: floorDivided(shown, by: 86_400))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time = shown - day.number * 86_400
    return "\(day.year)-\(two(day.month))-\(two(day.day)) "
      + "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
  }
}

/// An interval with a constant offset from UTC.
struct OffsetPeriod: Equatable {
  /// Seconds east of UTC.
  var offset: Int
  /// Its first second since 1970; `Int.min` if it has none.
  var begins: Int
  /// The first second after it; `Int.max` if there is none.
  var ends: Int
}

extension TimeZoneRules {
  /// Parses a file below /usr/share/zoneinfo, tzfile(5) and RFC 9636.
  /// - Parameter name: the zone's IANA name.
  /// - Returns: nil if it is malformed or counts leap seconds.
  public init?(name: String, zoneFile bytes: [UInt8]) {
    var reader = ZoneFileReader(bytes: bytes)
    guard let first = reader.header() else { return nil }
    var counts = first
    var isWide = false
    if first.version >= 2 {
      // Version 2 repeats everything with eight bytes per time.
      reader.offset += counts.bytes(wide: false)
      guard let second = reader.header() else { return nil }
      (counts, isWide) = (second, true)
    }
    guard counts.leapSeconds == 0, counts.types > 0,
      reader.offset + counts.bytes(wide: isWide) <= bytes.count
    else { return nil }
    let changes = (0..<counts.changes).map { _ in reader.number(wide: isWide) }
    let indices = (0..<counts.changes).map { _ in reader.byte() }
    let types = (0..<counts.types).map { _ in reader.type() }
    reader.offset += counts.abbreviations + counts.standards + counts.universals
    guard indices.allSatisfy({ $0 < types.count }), types.allSatisfy({ abs($0) < 86_400 }),
      zip(changes, changes.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    // Some files begin with a change 18 billion years ago, which is out of range in microseconds.
    let longest = 9_000_000_000_000
    var tail: DaylightRule?
    if isWide, let text = reader.footer(), !text.isEmpty {
      guard let rule = DaylightRule(text) else { return nil }
      tail = rule
    }
    self.init(
      name: name, changes: changes.map { min(max($0, -longest), longest) },
      offsets: [types[0]] + indices.map { types[$0] }, tail: tail)
  }
}

/// Reads the big-endian numbers of a zone file.
private struct ZoneFileReader {
  let bytes: [UInt8]
  var offset = 0

  struct Header {
    var version: Int
    var universals, standards, leapSeconds, changes, types, abbreviations: Int

    /// The length of the data block.
    func bytes(wide: Bool) -> Int {
      let time = wide ? 8 : 4
      return changes * (time + 1) + types * 6 + abbreviations + leapSeconds * (time + 4)
        + standards + universals
    }
  }

  mutating func header() -> Header? {
    guard offset >= 0, bytes.count - offset >= 44,
      bytes[offset..<offset + 4].elementsEqual("TZif".utf8)
    else { return nil }
    let digit = bytes[offset + 4]
    offset += 20
    let counts = (0..<6).map { _ in number(wide: false) }
    // No zone has changed its offset that often.
    guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
    return Header(
      version: digit >= 0x32 ? Int(digit) - 0x30 : 1, universals: counts[0], standards: counts[1],
      leapSeconds: counts[2], changes: counts[3], types: counts[4], abbreviations: counts[5])
  }

  mutating func byte() -> Int {
    defer { offset += 1 }
    return Int(bytes[offset])
  }

  mutating func number(wide: Bool) -> Int {
    if wide {
      return Int(
        truncatingIfNeeded: (0..<8).reduce(UInt64(0)) { sum, _ in sum << 8 | UInt64(byte()) })
    }
    return Int(Int32(bitPattern: (0..<4).reduce(UInt32(0)) { sum, _ in sum << 8 | UInt32(byte()) }))
  }

  /// Seconds east of UTC of a local time type.
  mutating func type() -> Int {
    defer { offset += 2 }
    return number(wide: false)
  }

  /// The text between the last two line breaks.
  func footer() -> String? {
    guard offset < bytes.count, bytes[offset] == 0x0A,
      let end = bytes[(offset + 1)...].firstIndex(of: 0x0A)
    else { return nil }
    return String(validating: bytes[(offset + 1)..<end], as: UTF8.self)
  }
}

extension TimeZoneRules {
  /// When a clock of this zone shows a reading: once, twice where it is set back past the reading,
  /// or never where it is set forward past it; then as if it had not been set yet.
  /// - Parameter reading: seconds since 1970-01-01 00:00 as the clock shows them.
  /// - Returns: the first and the last such instant, in seconds since 1970-01-01 00:00 UTC.
  public func instants(showing reading: Int) -> (first: Int, last: Int) {
    // No offset from UTC is a day and more.
    var period = period(at: reading - 86_400)
    var shown: (first: Int, last: Int)?
    var skipped = reading - period.offset
    while true {
      let instant = reading - period.offset
      if instant >= period.ends {
        skipped = instant
      } else if instant >= period.begins {
        shown = (shown?.first ?? instant, instant)
      }
      guard period.ends <= reading + 86_400 else { break }
      period = self.period(at: period.ends)
    }
    return shown ?? (skipped, skipped)
  }
}
