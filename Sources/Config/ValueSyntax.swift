public import Events
import Series

/// How the value of a key is parsed, formatted and described.
public struct ValueSyntax<Value: Sendable>: Sendable {
  /// What is expected, phrased to follow the word "expected".
  public let expectation: String
  /// Parses a nonempty text; nil if it is not what is expected.
  public let parse: @Sendable (String) -> Value?
  /// The text that ``parse`` reads back.
  public let format: @Sendable (Value) -> String
  /// For lists: the result of an empty assignment. Otherwise nil: the default.
  let emptied: Value?
  /// For lists: how a further assignment adds to the present value. Otherwise nil: it replaces.
  let adding: (@Sendable (Value, Value) -> Value)?
  /// For values that may contain a secret: the text to show instead of ``format``'s. Text refused
  /// by ``parse`` is then not shown at all, since it may be a misplaced secret. Nil: no secret.
  let masked: (@Sendable (Value) -> String)?
  /// Why ``parse`` refuses a text, if there is a more specific reason than that it is not what is
  /// expected.
  let reason: @Sendable (String) -> String?

  /// - Parameters:
  ///   - expectation: what is expected, phrased to follow the word "expected".
  ///   - emptied: for lists: the result of an empty assignment.
  ///   - adding: for lists: how a further assignment adds to the present value.
  ///   - masked: for values that may contain a secret: the text to show.
  ///   - reason: why a text is refused, where more can be said than that it is not what is
  ///     expected.
  ///   - parse: parses a nonempty text; nil if it is not what is expected.
  ///   - format: the text that `parse` reads back.
  public init(
    expectation: String,
    emptied: Value? = nil,
    adding: (@Sendable (Value, Value) -> Value)? = nil,
    masked: (@Sendable (Value) -> String)? = nil,
    reason: @escaping @Sendable (String) -> String? = { _ in nil },
    parse: @escaping @Sendable (String) -> Value?,
    format: @escaping @Sendable (Value) -> String
  ) {
    self.expectation = expectation
    self.emptied = emptied
    self.adding = adding
    self.masked = masked
    self.reason = reason
    self.parse = parse
    self.format = format
  }

  /// The problem with a text that ``parse`` refuses.
  func problem(with text: String) -> SettingsProblem {
    if let reason = reason(text) { return .refused(reason: reason) }
    guard masked == nil else {
      return .refused(
        reason: "expected \(expectation), found something else, not shown as it may be a secret")
    }
    return .invalidValue(expected: expectation, found: text)
  }
}

extension ValueSyntax where Value == Int {
  /// A whole number within a range.
  public static func wholeNumber(_ range: ClosedRange<Int>) -> ValueSyntax {
    ValueSyntax(expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      String($0)
    }
  }

  /// A size in bytes within a range.
  public static func byteSize(_ range: ClosedRange<Int>) -> ValueSyntax {
    let low = ByteSize.format(range.lowerBound)
    let high = ByteSize.format(range.upperBound)
    return ValueSyntax(
      expectation: "a size in bytes such as 64M, from \(low) to \(high)"
    ) { text in
      ByteSize.parse(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      ByteSize.format($0)
    }
  }
}

extension ValueSyntax where Value == Int? {
  /// A size or `infinity`, which is nil.
  public static func byteSizeOrInfinity(_ range: ClosedRange<Int>) -> ValueSyntax {
    let size = ValueSyntax<Int>.byteSize(range)
    return ValueSyntax(expectation: size.expectation + ", or infinity") { text in
      if text == "infinity" { return .some(nil) }
      return size.parse(text).map { .some($0) }
    } format: {
      $0.map(size.format) ?? "infinity"
    }
  }
}

extension ValueSyntax where Value == UInt64 {
  static let seed = ValueSyntax(expectation: "a whole number from 0 to \(UInt64.max)") {
    UInt64($0)
  } format: {
    String($0)
  }
}

extension ValueSyntax where Value == Double {
  /// A number within a range.
  public static func number(_ range: ClosedRange<Double>) -> ValueSyntax {
    let (low, high) = (formatNumber(range.lowerBound), formatNumber(range.upperBound))
    return ValueSyntax(expectation: "a number from \(low) to \(high)") { text in
      Double(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      formatNumber($0)
    }
  }
}

extension ValueSyntax where Value == Duration {
  /// A time span within a range.
  public static func timeSpan(_ range: ClosedRange<Duration>) -> ValueSyntax {
    ValueSyntax(expectation: expectedSpan(range)) { text in
      TimeSpan.parse(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      TimeSpan.format($0)
    }
  }
}

extension ValueSyntax where Value == Duration? {
  /// A time span or `infinity`, which is nil.
  public static func timeSpanOrInfinity(_ range: ClosedRange<Duration>) -> ValueSyntax {
    ValueSyntax(expectation: expectedSpan(range) + ", or infinity") { text in
      if text == "infinity" { return .some(nil) }
      return TimeSpan.parse(text).flatMap { range.contains($0) ? .some($0) : nil }
    } format: {
      $0.map { TimeSpan.format($0) } ?? "infinity"
    }
  }
}

extension ValueSyntax where Value == Bool {
  /// systemd's truth values, in any case.
  public static let truth = ValueSyntax(expectation: "yes or no") {
    parseTruth($0)
  } format: {
    $0 ? "yes" : "no"
  }
}

extension ValueSyntax where Value == String {
  /// The path of one file or directory.
  public static let absolutePath = ValueSyntax(expectation: "an absolute path") {
    $0.hasPrefix("/") && $0.utf8.count < 4096 ? $0 : nil
  } format: {
    $0
  }

  /// The longest path that fits the address of a socket, sun_path in unix(7), with its NUL.
  public static let socketPath = ValueSyntax(expectation: "an absolute path of at most 107 bytes") {
    $0.hasPrefix("/") && $0.utf8.count <= 107 ? $0 : nil
  } format: {
    $0
  }
}

extension ValueSyntax where Value == [String] {
  /// Patterns for names; a further assignment adds to the list.
  public static let globs = ValueSyntax(
    expectation: "patterns such as sd* nvme?n1, separated by white space",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text), words.allSatisfy({ Glob($0.text) != nil }) else {
      return nil
    }
    return words.map(\.text)
  } format: {
    $0.map { Words.format($0) }.joined(separator: " ")
  }
}

extension ValueSyntax where Value == Severity {
  /// The name of a severity.
  public static let severity = ValueSyntax(expectation: alternatives(Severity.allCases.map(\.name)))
  {
    Severity(name: $0)
  } format: {
    $0.name
  }
}

extension ValueSyntax {
  /// One word of an enumeration.
  public static func choice() -> ValueSyntax
  where Value: RawRepresentable<String> & CaseIterable {
    let words = Value.allCases.map(\.rawValue)
    return ValueSyntax(expectation: alternatives(words)) {
      Value(rawValue: $0)
    } format: {
      $0.rawValue
    }
  }

  /// The same syntax for a value that may be unset.
  public var orUnset: ValueSyntax<Value?> {
    ValueSyntax<Value?>(expectation: expectation) { [parse] text in
      parse(text).map { .some($0) }
    } format: { [format] in
      $0.map(format) ?? ""
    }
  }
}

/// `a, b or c`.
public func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// 1, yes, y, true, t, on and their opposites, in any case.
func parseTruth(_ text: String) -> Bool? {
  switch text.lowercased() {
  case "1", "yes", "y", "true", "t", "on": true
  case "0", "no", "n", "false", "f", "off": false
  default: nil
  }
}

/// The shortest text that reads back as the same number, without `.0`.
func formatNumber(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

private func expectedSpan(_ range: ClosedRange<Duration>) -> String {
  "a time span such as 5s or 1h 30min, from \(TimeSpan.format(range.lowerBound)) to "
    + TimeSpan.format(range.upperBound)
}
