/// Numbers in human-readable form.
public enum HumanNumber {
  /// An amount of memory or data in decimal units, such as `12.3 MB`.
  public static func bytes(_ count: Int) -> String {
    scaled(Double(count), units: ["B", "kB", "MB", "GB", "TB", "PB", "EB"], step: 1000)
  }

  /// A duration, from minutes on in its two leading units, such as `3.4 µs`, `9.2 s`, `1h 20min`,
  /// `3d 4h`.
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite else { return "unknown" }
    if seconds == 0 { return "0 s" }
    if seconds < 0 { return "-" + duration(seconds: -seconds) }
    if seconds < 0.9995 {
      return scaled(seconds * 1e9, units: ["ns", "µs", "ms"], step: 1000)
    }
    if seconds < 9.95 { return fixed(seconds, decimals: 1, trimmed: true) + " s" }
    guard seconds < 1e15 else { return "unknown" }
    let whole = Int(seconds.rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return pair(whole / 60, "min", whole % 60, "s")
    case ..<86_400: return pair(whole / 3600, "h", whole % 3600 / 60, "min")
    default: return pair(whole / 86_400, "d", whole % 86_400 / 3600, "h")
    }
  }

  /// A duration; see ``duration(seconds:)``.
  public static func duration(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    return self.duration(seconds: Double(seconds) + Double(attoseconds) * 1e-18)
  }

  /// A duration in whole minutes, rounded up, that does not change with each second: `25 min`,
  /// `1h 20min`.
  public static func minutes(_ duration: Duration) -> String {
    let minutes = max(1, (duration.components.seconds + 59) / 60)
    guard minutes >= 60 else { return "\(minutes) min" }
    return self.duration(.seconds(minutes * 60))
  }

  /// A count with its digits in groups of three, such as `1,234,567`.
  public static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var result = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// A measured value with about four significant digits: `0.00123`, `12.35`, `123,456`, `1.235M`,
  /// `2.5e-07`; `-` for none.
  public static func value(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "-" }
    return text(value, digits: leastDigits)
  }

  /// Measured values of one metric, with as many digits as tell apart those that differ: 5 and
  /// 5.0001 are `5` and `5.0001`. See ``value(_:)``.
  public static func values(_ values: [Double]) -> [String] {
    var different: [Double] = []
    for value in values.filter(\.isFinite).sorted()
    where different.last.map({ value - $0 > noise * max(abs(value), abs($0)) }) ?? true {
      different.append(value)
    }
    var digits = leastDigits
    while digits < mostDigits,
      Set(different.map { text($0, digits: digits) }).count < different.count
    {
      digits += 1
    }
    return values.map { $0.isFinite ? text($0, digits: digits) : "-" }
  }

  private static let (leastDigits, mostDigits) = (4, 12)
  /// Values that differ by less than this share of them differ by rounding.
  private static let noise = 1e-11

  private static func text(_ value: Double, digits: Int) -> String {
    let magnitude = abs(value)
    let isPlain = digits > leastDigits && magnitude < 1e12
    switch magnitude {
    case 0: return "0"
    case ..<1e-4, 1e15...: return scientific(value, decimals: digits - 1)
    case _ where isPlain || magnitude < 999_999.5:
      var decimals = digits - 1
      var bound = 10.0
      while decimals > 0, magnitude >= bound {
        decimals -= 1
        bound *= 10
      }
      bound = 1
      while magnitude < bound, decimals < min(2 * digits, 16) {
        decimals += 1
        bound /= 10
      }
      return grouped(fixed(value, decimals: decimals, trimmed: true))
    default:
      let units: [(Double, String)] = [(1e12, "T"), (1e9, "G"), (1e6, "M")]
      let (unit, letter) = units.first { magnitude >= $0.0 * 0.9999995 } ?? (1e6, "M")
      let scaled = value / unit
      let decimals = digits - (abs(scaled) < 10 ? 1 : abs(scaled) < 100 ? 2 : 3)
      return fixed(scaled, decimals: decimals, trimmed: true) + letter
    }
  }

  /// Whole numbers, and those with more than three digits before the point, in groups of three.
  private static func grouped(_ text: String) -> String {
    let parts = text.split(separator: ".", maxSplits: 1)
    guard let whole = Int(parts[0]) else { return text }
    if parts.count == 1 { return count(whole) }
    return abs(whole) < 10_000 ? text : "\(count(whole)).\(parts[1])"
  }

  /// `1st`, `2nd`, `14th`, `1,003rd`.
  public static func ordinal(_ number: Int) -> String {
    let ending =
      switch (abs(number) % 10, abs(number) % 100) {
      case (_, 11...13): "th"
      case (1, _): "st"
      case (2, _): "nd"
      case (3, _): "rd"
      default: "th"
      }
    return count(number) + ending
  }

  /// A share of one as a percentage, such as `21%`; between 99.5 and 100 it is `99%`, so that
  /// `100%` always means complete.
  public static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "-" }
    let percent = (share * 100).rounded()
    let bounded = percent == 100 && share < 1 ? 99 : percent
    return "\(Int(min(max(bounded, -999_999), 999_999)))%"
  }

  /// `value` with exactly `decimals` digits after the point (0...18), rounded half away from zero.
  /// - Parameter trimmed: drops trailing zeros.
  public static func fixed(_ value: Double, decimals: Int, trimmed: Bool = false) -> String {
    guard value.isFinite else { return "-" }
    var scale: UInt64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * Double(scale)).rounded()
    guard scaled < 9e18 else { return "\(value)" }
    let (whole, rest) = UInt64(scaled).quotientAndRemainder(dividingBy: scale)
    let digits = String(rest)
    var fraction = String(repeating: "0", count: max(0, decimals - digits.count)) + digits
    if decimals == 0 { fraction = "" }
    if trimmed { while fraction.last == "0" { fraction.removeLast() } }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return sign + String(whole) + (fraction.isEmpty ? "" : "." + fraction)
  }

  private static func pair(_ large: Int, _ unit: String, _ small: Int, _ minor: String) -> String {
    small == 0 ? "\(large)\(unit)" : "\(large)\(unit) \(small)\(minor)"
  }

  private static func scaled(_ value: Double, units: [String], step: Double) -> String {
    var value = value
    var unit = 0
    while abs(value) >= step - 0.5, unit + 1 < units.count {
      value /= step
      unit += 1
    }
    let decimals = unit == 0 || abs(value) >= 99.95 ? 0 : 1
    return fixed(value, decimals: decimals) + " " + units[unit]
  }

  private static func scientific(_ value: Double, decimals: Int) -> String {
    var mantissa = value
    var exponent = 0
    while abs(mantissa) >= 9.9995 {
      mantissa /= 10
      exponent += 1
    }
    while abs(mantissa) < 0.99995 {
      mantissa *= 10
      exponent -= 1
    }
    let digits = String(abs(exponent))
    return fixed(mantissa, decimals: decimals, trimmed: true) + "e" + (exponent < 0 ? "-" : "+")
      + (digits.count < 2 ? "0" : "") + digits
  }
}
