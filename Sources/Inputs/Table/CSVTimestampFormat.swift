import Series

/// How the time stamps of a CSV file are written. Time without a zone is in
/// ``TableSection/timeZone``.
public enum CSVTimestampFormat: Equatable, Sendable, CustomStringConvertible {
  /// ``iso8601``, ``epochSeconds`` or ``epochMilliseconds``, whichever the first lines hold.
  case automatic
  /// `2014-02-14 14:27:00`, with `T` or spaces in between, `/` for `-`; seconds, their fraction or
  /// the whole time of day may be omitted, and `Z`, `UTC` or an offset such as `+01:00` may follow.
  case iso8601
  /// Seconds since 1970, with or without a fraction.
  case epochSeconds
  /// Milliseconds since 1970, with or without a fraction.
  case epochMilliseconds
  /// According to a pattern.
  case pattern(CSVTimestampPattern)

  /// Parses `auto`, `iso8601`, `epoch` (or `epoch-seconds`), `epoch-milliseconds`, or a pattern
  /// such as `%d/%m/%Y %H:%M`.
  /// - Throws: ``CSVTimestampPatternError`` if it is none of them.
  public init(parsing text: String) throws(CSVTimestampPatternError) {
    switch text {
    case "auto": self = .automatic
    case "iso8601": self = .iso8601
    case "epoch", "epoch-seconds": self = .epochSeconds
    case "epoch-milliseconds", "epoch-ms": self = .epochMilliseconds
    default: self = .pattern(try CSVTimestampPattern(parsing: text))
    }
  }

  /// The text that ``init(parsing:)`` parses.
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .iso8601: "iso8601"
    case .epochSeconds: "epoch-seconds"
    case .epochMilliseconds: "epoch-milliseconds"
    case .pattern(let pattern): pattern.text
    }
  }

  /// The time in `bytes[range]`, nil if it is malformed. Does not allocate. `automatic` must have
  /// been resolved before.
  func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> CSVWrittenTime? {
    let trimmed = CSVTokens.trimming(bytes, range)
    guard !trimmed.isEmpty else { return nil }
    var scanner = CSVScanner(trimmed)
    switch self {
    case .automatic, .iso8601: return scanner.iso8601(bytes)
    case .epochSeconds:
      return scanner.epoch(bytes, nanosecondsPerUnit: 1_000_000_000).map(CSVWrittenTime.instant)
    case .epochMilliseconds:
      return scanner.epoch(bytes, nanosecondsPerUnit: 1_000_000).map(CSVWrittenTime.instant)
    case .pattern(let pattern): return pattern.parse(bytes, &scanner)
    }
  }
}
