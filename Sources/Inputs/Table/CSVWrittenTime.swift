import Calendar
import Series

/// A time stamp as written.
enum CSVWrittenTime: Equatable {
  /// An instant: with an offset from UTC, or counted from 1970.
  case instant(Timestamp)
  /// The wall clock's reading, as if it were in UTC.
  case local(Timestamp)
  /// Nanoseconds since an unknown start.
  case sinceStart(Int64)

  /// A date and time, `east` seconds ahead of UTC if that is given; nil if out of range.
  init?(_ civil: CivilTime, east: Int?) {
    guard let reading = Timestamp(civil) else { return nil }
    guard let east else {
      self = .local(reading)
      return
    }
    let (result, overflow) = reading.nanoseconds.subtractingReportingOverflow(
      Int64(east) * 1_000_000_000
    )
    guard !overflow, CSVWrittenTime.nanoseconds.contains(result) else { return nil }
    self = .instant(Timestamp(nanoseconds: result))
  }

  /// Instants whose dates can be written: years 1678 to 2261.
  static let nanoseconds: Range<Int64> = -9_214_560_000_000_000_000..<9_214_646_400_000_000_000
}

/// Converts wall clock readings to instants.
///
/// When the clock is set back, an hour occurs twice. A reading of it is taken as the first
/// occurrence unless the previous rows indicate otherwise: of two instants, the one nearer to the
/// expected time of the next row wins. A reading that was skipped when the clock was set forward
/// is interpreted as if it had not been set yet.
struct CSVClock {
  /// The instant that relative times count from; nil until the first of them is read.
  var start: Timestamp?
  private let rules: TimeZoneRules
  private let isUTC: Bool
  /// Whether the start of relative times never moves, as in a recording, where it is 1970.
  private let isFixed: Bool
  /// The time between the two newest rows, in nanoseconds.
  private var step: Int64 = 0

  /// - Parameter isRecorded: whether relative times are kept as they are.
  init(_ rules: TimeZoneRules, isRecorded: Bool) {
    self.rules = rules
    isUTC = rules == .utc
    isFixed = isRecorded
    if isRecorded { start = Timestamp(nanoseconds: 0) }
  }

  /// Updates the interval from two rows.
  mutating func note(_ timestamp: Timestamp, after last: Timestamp?) {
    guard let last, timestamp > last else { return }
    let (difference, overflow) = timestamp.nanoseconds.subtractingReportingOverflow(
      last.nanoseconds)
    step = overflow ? 0 : difference
  }

  /// The instant of a time stamp in a row that follows one at `last` and is read at `now`; nil if
  /// out of range.
  mutating func moment(
    _ written: CSVWrittenTime, after last: Timestamp?, at now: Timestamp
  ) -> Timestamp? {
    switch written {
    case .instant(let moment): return moment
    case .sinceStart(let elapsed): return moment(sinceStart: elapsed, after: last, at: now)
    case .local(let reading):
      if isUTC { return reading }
      var (seconds, rest) = reading.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000_000) }
      let instants = rules.instants(showing: Int(seconds))
      guard let first = CSVClock.timestamp(instants.first, rest) else { return nil }
      guard instants.first != instants.last, let last, first <= last,
        let second = CSVClock.timestamp(instants.last, rest)
      else { return first }
      let due = Double(last.nanoseconds) + Double(step)
      let isSecond =
        abs(Double(second.nanoseconds) - due) < abs(Double(first.nanoseconds) - due)
      return isSecond ? second : first
    }
  }

  /// The instant of a relative time. It cannot be in the future, and time that runs backwards means
  /// that the device was restarted: both move the start, so that the row counts as measured now.
  private mutating func moment(
    sinceStart elapsed: Int64, after last: Timestamp?, at now: Timestamp
  ) -> Timestamp? {
    if let start {
      let (sum, overflow) = start.nanoseconds.addingReportingOverflow(elapsed)
      guard !overflow, CSVWrittenTime.nanoseconds.contains(sum) else { return nil }
      let moment = Timestamp(nanoseconds: sum)
      if isFixed || (moment <= now && last.map { moment >= $0 } ?? true) { return moment }
    }
    let moment = last.map { max(now, $0.advanced(by: .microseconds(1))) } ?? now
    let (origin, overflow) = moment.nanoseconds.subtractingReportingOverflow(elapsed)
    guard !overflow else { return nil }
    start = Timestamp(nanoseconds: origin)
    return moment
  }

  private static func timestamp(_ seconds: Int, _ rest: Int64) -> Timestamp? {
    let (whole, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = whole.addingReportingOverflow(rest)
    guard !overflow, !carry, CSVWrittenTime.nanoseconds.contains(sum) else { return nil }
    return Timestamp(nanoseconds: sum)
  }
}

/// A column name that indicates time, such as `timestamp`, `time (ms)` or `t_us`.
struct CSVTimeName: Equatable {
  /// Whether the name is unambiguous; `t` may be a temperature and `seconds` a duration.
  let isCertain: Bool
  /// The unit in the name; nil if there is none.
  let unit: CSVTimeUnit?

  /// Interprets the label of a column; nil if it does not indicate time.
  init?(_ label: String) {
    let name = label.lowercased()
    if let unit = CSVTimeName.units[name] {
      (isCertain, self.unit) = (false, unit)
      return
    }
    var stem = Substring(name)
    var unit: CSVTimeUnit?
    // `time_ms`, `time (ms)`, `time[ms]`
    if let cut = name.firstIndex(where: { "_ ([".contains($0) }) {
      let rest = name[cut...].filter { !"_ ()[]".contains($0) }
      if let found = CSVTimeName.units[rest] {
        unit = found
        stem = name[..<cut]
      }
    }
    self.unit = unit
    if CSVTimeName.certain.contains(String(stem)) {
      isCertain = true
    } else if CSVTimeName.possible.contains(String(stem)) {
      isCertain = false
    } else {
      return nil
    }
  }

  private static let certain: Set<String> = [
    "timestamp", "time", "datetime", "date", "ts", "date_time", "date time", "date/time",
    "@timestamp", "time_stamp", "epoch", "unix", "unixtime", "unix_time", "utc", "zeit", "datum",
    "zeitstempel", "uhrzeit",
  ]

  private static let possible: Set<String> = ["t", "elapsed", "uptime", "since_start"]

  private static let units: [String: CSVTimeUnit] = [
    "s": .seconds, "sec": .seconds, "secs": .seconds, "second": .seconds, "seconds": .seconds,
    "ms": .milliseconds, "msec": .milliseconds, "millis": .milliseconds,
    "milliseconds": .milliseconds, "us": .microseconds, "usec": .microseconds,
    "micros": .microseconds, "microseconds": .microseconds, "ns": .nanoseconds,
    "nsec": .nanoseconds, "nanos": .nanoseconds, "nanoseconds": .nanoseconds,
  ]
}
