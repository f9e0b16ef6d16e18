import Calendar
import Series

/// A time stamp as it is written.
enum CSVWrittenTime: Equatable {
  /// A moment: with an offset from UTC, or counted from 1970.
  case instant(Timestamp)
  /// What a clock on the wall shows, as if it were in UTC.
  case local(Timestamp)

  /// A date and time, `east` seconds ahead of UTC where that is written; nil out of range.
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

  /// Moments whose dates can be written: years 1678 to 2261.
  static let nanoseconds: Range<Int64> = -9_214_560_000_000_000_000..<9_214_646_400_000_000_000
}

/// Turns the readings of a clock on the wall into moments.
///
/// Where the clock is set back, an hour is shown twice. A reading of it is the first one, unless the
/// rows before tell otherwise: of two moments it is the one nearer to where the next row is due. A
/// reading that the clock was set forward past is taken as if it had not been set yet.
struct CSVClock {
  private let rules: TimeZoneRules
  /// The time between the two newest rows, in nanoseconds.
  private var step: Int64 = 0

  init(_ rules: TimeZoneRules) { self.rules = rules }

  /// Learns from two rows.
  mutating func note(_ timestamp: Timestamp, after last: Timestamp?) {
    guard let last, timestamp > last else { return }
    let (difference, overflow) = timestamp.nanoseconds.subtractingReportingOverflow(
      last.nanoseconds)
    step = overflow ? 0 : difference
  }

  /// The moment of a time stamp, in a row that comes after one at `last`; nil out of range.
  func moment(_ written: CSVWrittenTime, after last: Timestamp?) -> Timestamp? {
    switch written {
    case .instant(let moment): return moment
    case .local(let reading):
      if rules == .utc { return reading }
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

  private static func timestamp(_ seconds: Int, _ rest: Int64) -> Timestamp? {
    let (whole, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = whole.addingReportingOverflow(rest)
    guard !overflow, !carry, CSVWrittenTime.nanoseconds.contains(sum) else { return nil }
    return Timestamp(nanoseconds: sum)
  }
}
