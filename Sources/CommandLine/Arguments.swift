import Series

/// A parsed command line.
public struct Arguments: Equatable, Sendable {
  /// Positional arguments in order.
  public internal(set) var positional: [String] = []
  /// Values by long option name; a flag has one empty value per appearance.
  var options: [String: [String]] = [:]

  /// Whether an option is present.
  public func has(_ option: String) -> Bool { options[option] != nil }

  /// The value of an option, nil if absent.
  public func value(_ option: String) -> String? { options[option]?.last }

  /// All values by long option name, as they are written into reports.
  public var all: [String: [String]] { options }

  /// All values of a repeated option, in order.
  public func values(_ option: String) -> [String] { options[option] ?? [] }

  /// The value of an option as a whole number within `range`, nil if absent.
  public func integer(
    _ option: String,
    in range: ClosedRange<Int> = .min ... .max
  ) throws(UsageError) -> Int? {
    guard let text = value(option) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      let expected =
        range == .min ... .max
        ? "a whole number"
        : range.upperBound == .max
          ? "a whole number of at least \(range.lowerBound)"
          : "a whole number from \(range.lowerBound) to \(range.upperBound)"
      throw .invalidValue(of: "--\(option)", value: text, expected: expected, suggestion: nil)
    }
    return number
  }

  /// The value of an option as a finite number within `range`, nil if absent.
  public func number(
    _ option: String,
    in range: ClosedRange<Double> = -.greatestFiniteMagnitude
      ... .greatestFiniteMagnitude
  ) throws(UsageError) -> Double? {
    guard let text = value(option) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      let expected =
        range.upperBound == .greatestFiniteMagnitude
        ? range.lowerBound == -.greatestFiniteMagnitude
          ? "a number" : "a number of at least \(HumanNumber.value(range.lowerBound))"
        : "a number from \(HumanNumber.value(range.lowerBound)) to "
          + HumanNumber.value(range.upperBound)
      throw .invalidValue(of: "--\(option)", value: text, expected: expected, suggestion: nil)
    }
    return number
  }
}
