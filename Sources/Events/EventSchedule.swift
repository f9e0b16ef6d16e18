import Series

/// The time of day, and the days of the week, at which events of a metric occur.
///
/// In UTC: a job that follows local time moves by an hour twice a year, and is recognised again
/// after three days.
public struct EventSchedule: Equatable, Sendable {
  /// Maximum distance of an event's beginning from the usual times.
  static let jitter = Duration.seconds(jitterMinutes * 60)
  private static let jitterMinutes = 45
  /// Minimum number of days with events before there is a schedule.
  static let leastDays = 3
  /// Minimum share of the scheduled days on which they must have occurred.
  private static let regularity = 0.7
  private static let minutesPerDay = 1440

  /// The days on which they occur.
  public enum Days: UInt8, Sendable {
    case everyDay = 0
    case weekdays = 1
    case weekends = 2
    case sundays = 3
    case mondays, tuesdays, wednesdays, thursdays, fridays, saturdays

    /// The word used in sentences; empty for every day.
    var text: String {
      switch self {
      case .everyDay: ""
      case .weekdays: "weekdays "
      case .weekends: "weekends "
      case .sundays: "Sundays "
      case .mondays: "Mondays "
      case .tuesdays: "Tuesdays "
      case .wednesdays: "Wednesdays "
      case .thursdays: "Thursdays "
      case .fridays: "Fridays "
      case .saturdays: "Saturdays "
      }
    }

    /// Whether a day, counted from 1970-01-01, is one of them.
    func contain(_ day: Int) -> Bool {
      let weekday = EventSchedule.weekday(of: day)
      return switch self {
      case .everyDay: true
      case .weekdays: (1...5).contains(weekday)
      case .weekends: weekday == 0 || weekday == 6
      default: weekday == Int(rawValue) - 3
      }
    }
  }

  /// The days.
  public let days: Days
  /// The earliest beginning so far, in minutes since midnight, 0...1439.
  public let firstMinute: Int
  /// The latest, in minutes since the same midnight; 1440 or more: on the next day.
  public let lastMinute: Int

  /// The schedule of those `minutes` that began within ``jitter`` of `minute` on their days.
  /// - Parameters:
  ///   - minutes: when events began, in minutes since 1970-01-01T00:00Z.
  ///   - minute: when another one begins.
  /// - Returns: nil if they occurred on too few days, or not regularly until the day of `minute`.
  init?(of minutes: [Int], around minute: Int) {
    // Days are counted from twelve hours before, so that no day boundary lies between two of the
    // events.
    let offset = EventSchedule.minutesPerDay / 2 - EventSchedule.split(minute).minute
    let near = minutes.filter {
      abs(EventSchedule.distance($0, minute)) <= EventSchedule.jitterMinutes
    }
    let today = EventSchedule.split(minute + offset).day
    let known = Set(near.map { EventSchedule.split($0 + offset).day }.filter { $0 < today })
    guard let first = known.min() else { return nil }
    let weekday = Days(rawValue: UInt8(EventSchedule.weekday(of: today)) + 3)
    let found = [.everyDay, .weekdays, .weekends, weekday].lazy.compactMap { $0 }.first { days in
      guard days.contain(today) else { return false }
      let due = (first..<today).filter { days.contain($0) }
      let came = known.filter { days.contain($0) }
      // An event that occurs on working days only is not expected on a Saturday, nor vice versa.
      let omits = [Days.weekdays, .weekends].contains { part in
        due.filter { part.contain($0) }.count >= 2 && !came.contains { part.contain($0) }
      }
      return came.count >= EventSchedule.leastDays && !(days == .everyDay && omits)
        && Double(came.count) >= EventSchedule.regularity * Double(due.count)
    }
    guard let found else { return nil }
    days = found
    let distances = near.map { EventSchedule.distance($0, minute) }
    let earliest = minute + (distances.min() ?? 0)
    firstMinute = EventSchedule.split(earliest).minute
    lastMinute = firstMinute + (distances.max() ?? 0) - (distances.min() ?? 0)
  }

  /// The minutes in which the occurrence after that of `minute` is due, ``jitter`` included.
  func occurrence(after minute: Int) -> Range<Int> {
    let present = occurrence(of: minute)
    let shift = (firstMinute + lastMinute) / 2 / EventSchedule.minutesPerDay
    let next = (1...7).first { days.contain(present + $0 + shift) } ?? 7
    let midnight = (present + next) * EventSchedule.minutesPerDay
    return midnight + firstMinute - EventSchedule.jitterMinutes..<midnight + lastMinute
      + EventSchedule.jitterMinutes + 1
  }

  /// The number of the occurrence nearest to `minute`: the day since 1970-01-01 on which it begins.
  func occurrence(of minute: Int) -> Int {
    let middle = (firstMinute + lastMinute) / 2
    return EventSchedule.split(minute - middle + EventSchedule.minutesPerDay / 2).day
  }

  /// Such as `weekdays 03:05-03:40 UTC`.
  public var text: String {
    func clock(_ minute: Int) -> String {
      let (hours, minutes) = (minute / 60 % 24, minute % 60)
      return (hours < 10 ? "0" : "") + "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes)"
    }
    let end = lastMinute > firstMinute ? "-" + clock(lastMinute) : ""
    return "\(days.text)\(clock(firstMinute))\(end) UTC"
  }

  /// Day since 1970-01-01 and minute of that day.
  private static func split(_ minute: Int) -> (day: Int, minute: Int) {
    let rest = (minute % minutesPerDay + minutesPerDay) % minutesPerDay
    return ((minute - rest) / minutesPerDay, rest)
  }

  /// From the time of day of `other` to that of `minute`, by the shorter way, -720...719.
  private static func distance(_ minute: Int, _ other: Int) -> Int {
    split(minute - other + minutesPerDay / 2).minute - minutesPerDay / 2
  }

  /// 0: Sunday.
  private static func weekday(of day: Int) -> Int { ((day + 4) % 7 + 7) % 7 }
}

extension EventSchedule {
  func encode(to writer: inout ByteWriter) {
    writer.write(days.rawValue)
    writer.write(UInt16(firstMinute))
    writer.write(UInt16(lastMinute))
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    days = try reader.readCase(Days.init(rawValue:))
    firstMinute = Int(try reader.readUInt16())
    lastMinute = Int(try reader.readUInt16())
  }
}
