import CommandLine
import Config
package import Series

/// A time in the past: `2h`, `2h ago`, `today`, `yesterday`, `2026-11-20`,
/// `2026-11-20 14:00`, `2026-11-20T14:00:00Z`. Dates and times are UTC, like all output.
package enum SinceTime {
  /// The value of `--since`; nil if it is not given.
  static func option(_ arguments: Arguments) throws(UsageError) -> Timestamp? {
    guard let text = arguments.value("since") else { return nil }
    guard let since = parse(text, now: DaemonAccess.now()) else {
      throw .invalidValue(
        of: "--since", value: text,
        expected: "a time such as 2h, today, yesterday, 2026-11-20 or '2026-11-20 14:00' (UTC)",
        suggestion: nil)
    }
    return since
  }

  /// The time, nil if malformed.
  package static func parse(_ text: String, now: Timestamp) -> Timestamp? {
    let word = text.trimmed
    let day = Timestamp.day
    switch word {
    case "now": return now
    case "today": return now.midnight
    case "yesterday": return now.midnight.advanced(by: .nanoseconds(-day))
    default: break
    }
    if let span = TimeSpan.parse(word.removing(prefix: "-").removing(suffix: "ago").trimmed) {
      return now.advanced(by: .zero - span)
    }
    return date(word)
  }

  /// A date, or a date and time, UTC; nil if malformed.
  static func date(_ text: String) -> Timestamp? {
    let halves = text.removing(suffix: "Z").removing(suffix: "UTC").trimmed
      .split(whereSeparator: { $0 == "T" || $0 == " " })
    guard (1...2).contains(halves.count) else { return nil }
    let date = halves[0].split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
    guard date.count == 3, let year = date[0], let month = date[1], let dayOfMonth = date[2],
      (1...12).contains(month),
      (1...CivilTime.days(inMonth: month, year: year)).contains(dayOfMonth)
    else { return nil }
    var time = CivilTime(year: year, month: month, day: dayOfMonth)
    if halves.count == 2 {
      // A fraction of a second does not matter here.
      let clock = halves[1].prefix { $0 != "." }
        .split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
      guard (2...3).contains(clock.count), let hour = clock[0], let minute = clock[1],
        let second = clock.count == 3 ? clock[2] : 0,
        (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
      else { return nil }
      (time.hour, time.minute, time.second) = (hour, minute, second)
    }
    return Timestamp(time)
  }

  private static func number(_ text: Substring) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isNumber } && text.count <= 4 ? Int(text) : nil
  }
}

extension Timestamp {
  fileprivate static let day: Int64 = 86_400_000_000_000

  /// The last midnight, UTC.
  fileprivate var midnight: Timestamp {
    let rest = nanoseconds % Timestamp.day
    return Timestamp(nanoseconds: nanoseconds - (rest < 0 ? rest + Timestamp.day : rest))
  }
}

extension String {
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }

  fileprivate func removing(prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }

  fileprivate func removing(suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
