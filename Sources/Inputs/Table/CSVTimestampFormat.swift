import Series

/// The format of a CSV file's time stamps. Times without a zone are in ``TableSection/timeZone``.
public enum CSVTimestampFormat: Equatable, Sendable, CustomStringConvertible {
  /// Any of the others except a pattern, depending on the first lines.
  case automatic
  /// `2014-02-14 14:27:00`, with `T` or spaces in between, `/` or `.` for `-`; seconds, their
  /// fraction or the whole time of day may be omitted, and `Z`, `UTC` or an offset such as `+01:00`
  /// may follow.
  case iso8601
  /// `14.02.2014 14:27`, with `/` or `-` for the points; otherwise as ``iso8601``.
  case dayFirst
  /// `2/14/2014 2:27 PM`; otherwise as ``dayFirst``.
  case monthFirst
  /// A count since 1970, with or without a fraction.
  case epoch(CSVTimeUnit)
  /// A count since an unknown start, such as that of a measurement or of a device.
  case relative(CSVTimeUnit)
  /// According to a pattern.
  case pattern(CSVTimestampPattern)

  /// What ``init(parsing:)`` accepts in addition to patterns.
  static let words =
    "auto, iso8601, dmy, mdy, epoch, epoch-ms, epoch-us, epoch-ns, relative, "
    + "relative-ms, relative-us, relative-ns"

  /// Parses one of ``words`` or a pattern such as `%d/%m/%Y %H:%M`. Units may be written in full, as
  /// in `epoch-seconds`.
  /// - Throws: ``CSVTimestampPatternError`` if it is none of them.
  public init(parsing text: String) throws(CSVTimestampPatternError) {
    switch text {
    case "auto": self = .automatic
    case "iso8601": self = .iso8601
    case "dmy": self = .dayFirst
    case "mdy": self = .monthFirst
    default:
      if let unit = CSVTimestampFormat.unit(of: text, after: "epoch") {
        self = .epoch(unit)
      } else if let unit = CSVTimestampFormat.unit(of: text, after: "relative") {
        self = .relative(unit)
      } else {
        self = .pattern(try CSVTimestampPattern(parsing: text))
      }
    }
  }

  private static func unit(of text: String, after word: String) -> CSVTimeUnit? {
    guard text.hasPrefix(word) else { return nil }
    let rest = text.dropFirst(word.count)
    if rest.isEmpty { return .seconds }
    return CSVTimeUnit.allCases.first { rest == "-" + $0.rawValue || rest == "-" + $0.abbreviation }
  }

  /// The text that ``init(parsing:)`` parses.
  public var description: String {
    switch self {
    case .automatic: "auto"
    case .iso8601: "iso8601"
    case .dayFirst: "dmy"
    case .monthFirst: "mdy"
    case .epoch(let unit): "epoch-" + unit.rawValue
    case .relative(let unit): "relative-" + unit.rawValue
    case .pattern(let pattern): pattern.text
    }
  }

  /// The shortest text that ``init(parsing:)`` parses, as used in a configuration.
  var word: String {
    switch self {
    case .epoch(let unit): unit == .seconds ? "epoch" : "epoch-" + unit.abbreviation
    case .relative(let unit): unit == .seconds ? "relative" : "relative-" + unit.abbreviation
    default: description
    }
  }

  /// Whether the resulting times are counted from 1970, or from a start that counts as 1970 in a
  /// recording.
  public var isCount: Bool {
    switch self {
    case .epoch, .relative: true
    default: false
    }
  }

  /// The order of the parts of a date; nil if it is not written as a date.
  var dateOrder: CSVScanner.DateOrder? {
    switch self {
    case .iso8601: .yearFirst
    case .dayFirst: .dayFirst
    case .monthFirst: .monthFirst
    case .automatic, .epoch, .relative, .pattern: nil
    }
  }

  /// The time in `bytes[range]`, nil if it is malformed. Does not allocate. `automatic` must have
  /// been resolved before.
  func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> CSVWrittenTime? {
    let trimmed = CSVTokens.trimming(bytes, range)
    guard !trimmed.isEmpty else { return nil }
    var scanner = CSVScanner(trimmed)
    switch self {
    case .automatic, .iso8601: return scanner.moment(bytes, .yearFirst)
    case .dayFirst: return scanner.moment(bytes, .dayFirst)
    case .monthFirst: return scanner.moment(bytes, .monthFirst)
    case .epoch(let unit):
      return scanner.count(bytes, nanosecondsPerUnit: unit.inNanoseconds)
        .map { .instant(Timestamp(nanoseconds: $0)) }
    case .relative(let unit):
      return scanner.count(bytes, nanosecondsPerUnit: unit.inNanoseconds)
        .map(CSVWrittenTime.sinceStart)
    case .pattern(let pattern): return pattern.parse(bytes, &scanner)
    }
  }

  /// The time of a date in `bytes[date]` and a time of day in `bytes[timeOfDay]`.
  func parse(
    _ bytes: Span<UInt8>, _ date: Range<Int>, timeOfDay: Range<Int>
  ) -> CSVWrittenTime? {
    var scanner = CSVScanner(CSVTokens.trimming(bytes, date))
    guard let order = dateOrder, var civil = scanner.date(bytes, order), scanner.isAtEnd else {
      return nil
    }
    scanner = CSVScanner(CSVTokens.trimming(bytes, timeOfDay))
    var east: Int?
    guard scanner.timeOfDay(bytes, &civil, &east) else { return nil }
    return CSVWrittenTime(civil, east: east)
  }
}

/// The unit in which a column counts time.
public enum CSVTimeUnit: String, CaseIterable, Equatable, Sendable {
  /// Seconds, the default.
  case seconds
  /// Milliseconds.
  case milliseconds
  /// Microseconds.
  case microseconds
  /// Nanoseconds.
  case nanoseconds

  /// Its length in nanoseconds.
  var inNanoseconds: Int64 {
    switch self {
    case .seconds: 1_000_000_000
    case .milliseconds: 1_000_000
    case .microseconds: 1_000
    case .nanoseconds: 1
    }
  }

  /// Its abbreviation in a configuration: `epoch-us`.
  var abbreviation: String {
    switch self {
    case .seconds: "s"
    case .milliseconds: "ms"
    case .microseconds: "us"
    case .nanoseconds: "ns"
    }
  }

  /// The unit in which a number is a time between 1979 and 2099, nil if there is none: a count of
  /// units since 1970 shows its unit by its size.
  static func ofEpoch(_ number: Double) -> CSVTimeUnit? {
    allCases.first { unit in
      (3e8...4.1e9).contains(number * Double(unit.inNanoseconds) / 1e9)
    }
  }
}

/// The chronological order of one series' rows: whether each is later than the one before.
///
/// A row that is not later is malformed, unless many follow that are in order among themselves:
/// then the clock was set back, and a single row from the far future cannot block a source
/// permanently.
struct CSVTimeOrder {
  /// The judgement of a row.
  enum Outcome: Equatable {
    case accepted
    /// It is not later than the row before.
    case refused
    /// It is the last of a run of refused rows long enough that the clock must have been set back.
    case setBack(rows: Int)
  }

  /// The time of the last row that was accepted.
  var last: Timestamp?
  private var rowsBehind = 0
  private var lastBehind = Timestamp(nanoseconds: 0)

  /// Judges a row at `timestamp`, which becomes ``last`` only by assignment.
  @inline(__always)
  mutating func judge(_ timestamp: Timestamp) -> Outcome {
    guard let last, timestamp <= last else {
      rowsBehind = 0
      return .accepted
    }
    return judgeBehind(timestamp)
  }

  private mutating func judgeBehind(_ timestamp: Timestamp) -> Outcome {
    rowsBehind = rowsBehind > 0 && timestamp > lastBehind ? rowsBehind + 1 : 1
    lastBehind = timestamp
    guard rowsBehind > CSVLimits.rowsBehind else { return .refused }
    defer { rowsBehind = 0 }
    return .setBack(rows: rowsBehind - 1)
  }
}
