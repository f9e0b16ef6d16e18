/// Time spans in systemd's notation, systemd.time(7): `5s`, `2min`, `1h 30min`, `1.5h`, `250ms`;
/// a number without a unit counts seconds.
public enum TimeSpan {
  /// Microseconds per unit.
  private static let units: [String: Int64] = {
    var units: [String: Int64] = [:]
    for (names, microseconds) in [
      (["usec", "us", "µs", "μs"], 1), (["msec", "ms"], 1_000),
      (["seconds", "second", "sec", "s", ""], 1_000_000),
      (["minutes", "minute", "min", "m"], 60_000_000),
      (["hours", "hour", "hr", "h"], 3_600_000_000),
      (["days", "day", "d"], 86_400_000_000),
      (["weeks", "week", "w"], 604_800_000_000),
      (["months", "month", "M"], 2_629_800_000_000),
      (["years", "year", "y"], 31_557_600_000_000),
    ] as [([String], Int64)] {
      for name in names { units[name] = microseconds }
    }
    return units
  }()

  /// The duration of a time span, exact to a microsecond; nil if it is invalid, or longer than
  /// 292,000 years.
  public static func parse(_ text: String) -> Duration? {
    var rest = Substring(text).drop(while: \.isWhitespace)
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
      rest = rest.dropFirst(number.count).drop(while: \.isWhitespace)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count).drop(while: \.isWhitespace)
      guard let factor = units[String(unit)], let part = scaled(number, by: factor) else {
        return nil
      }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    return .microseconds(total)
  }

  /// The shortest sum of whole units, such as `1h 30min`; exact to a microsecond.
  public static func format(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    var rest = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    var words: [String] = []
    for (unit, size) in [
      ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000),
      ("ms", 1_000), ("us", 1),
    ] as [(String, Int64)] where rest >= size {
      words.append("\(rest / size)\(unit)")
      rest %= size
    }
    return words.isEmpty ? "0" : words.joined(separator: " ")
  }

  /// `number` times `factor`, rounded down: digits with at most one point.
  private static func scaled(_ number: Substring, by factor: Int64) -> Int64? {
    let halves = number.split(separator: ".", omittingEmptySubsequences: false)
    guard halves.count <= 2, let whole = Int64(halves[0]) else { return nil }
    var (result, overflow) = whole.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    if halves.count == 2 {
      guard !halves[1].isEmpty else { return nil }
      var place = factor
      for digit in halves[1] {
        guard let value = digit.wholeNumberValue else { return nil }
        // The last digits of a microsecond may be lost to rounding, as in systemd.
        place /= 10
        (result, overflow) = result.addingReportingOverflow(Int64(value) * place)
        guard !overflow else { return nil }
      }
    }
    return result
  }
}
