/// What a key takes: how its text is read, written, and described to a person.
struct ValueSyntax<Value: Sendable>: Sendable {
  /// What is expected, as it follows the word "expected".
  let expectation: String
  /// The value of a text that is not empty; nil where the text is not what is expected.
  let parse: @Sendable (String) -> Value?
  /// The text that ``parse`` reads back.
  let format: @Sendable (Value) -> String
  /// For lists: what an empty assignment leaves. For all else nil: the default.
  let emptied: Value?
  /// For lists: how a further assignment adds to what is there. For all else nil: it replaces.
  let adding: (@Sendable (Value, Value) -> Value)?

  init(
    expectation: String,
    emptied: Value? = nil,
    adding: (@Sendable (Value, Value) -> Value)? = nil,
    parse: @escaping @Sendable (String) -> Value?,
    format: @escaping @Sendable (Value) -> String
  ) {
    self.expectation = expectation
    self.parse = parse
    self.format = format
    self.emptied = emptied
    self.adding = adding
  }
}

extension ValueSyntax where Value == Int {
  static func wholeNumber(_ range: ClosedRange<Int>) -> ValueSyntax {
    ValueSyntax(expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      String($0)
    }
  }

  static func byteSize(_ range: ClosedRange<Int>) -> ValueSyntax {
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
  static func byteSizeOrInfinity(_ range: ClosedRange<Int>) -> ValueSyntax {
    let form = ValueSyntax<Int>.byteSize(range)
    return ValueSyntax(expectation: form.expectation + ", or infinity") { text in
      if text == "infinity" { return .some(nil) }
      return form.parse(text).map { .some($0) }
    } format: {
      $0.map(form.format) ?? "infinity"
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
  static func number(_ range: ClosedRange<Double>) -> ValueSyntax {
    let (low, high) = (formatNumber(range.lowerBound), formatNumber(range.upperBound))
    return ValueSyntax(expectation: "a number from \(low) to \(high)") { text in
      Double(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      formatNumber($0)
    }
  }
}

extension ValueSyntax where Value == Duration {
  static func timeSpan(_ range: ClosedRange<Duration>) -> ValueSyntax {
    ValueSyntax(expectation: expectedSpan(range)) { text in
      TimeSpan.parse(text).flatMap { range.contains($0) ? $0 : nil }
    } format: {
      TimeSpan.format($0)
    }
  }
}

extension ValueSyntax where Value == Duration? {
  /// A time span or `infinity`, which is nil.
  static func timeSpanOrInfinity(_ range: ClosedRange<Duration>) -> ValueSyntax {
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
  static let truth = ValueSyntax(expectation: "yes or no") {
    parseTruth($0)
  } format: {
    $0 ? "yes" : "no"
  }
}

extension ValueSyntax where Value == String {
  static let absolutePath = ValueSyntax(expectation: "an absolute path") {
    $0.hasPrefix("/") && $0.utf8.count < 4096 ? $0 : nil
  } format: {
    $0
  }

  /// The longest path that fits the address of a socket, sun_path in unix(7), with its NUL.
  static let socketPath = ValueSyntax(expectation: "an absolute path of at most 107 bytes") {
    $0.hasPrefix("/") && $0.utf8.count <= 107 ? $0 : nil
  } format: {
    $0
  }
}

extension ValueSyntax {
  /// One word of an enumeration.
  static func choice() -> ValueSyntax
  where Value: RawRepresentable<String> & CaseIterable {
    let words = Value.allCases.map(\.rawValue)
    return ValueSyntax(expectation: alternatives(words)) {
      Value(rawValue: $0)
    } format: {
      $0.rawValue
    }
  }

  /// The same, where nil says that nothing was said.
  var orUnset: ValueSyntax<Value?> {
    ValueSyntax<Value?>(expectation: expectation) { [parse] text in
      parse(text).map { .some($0) }
    } format: { [format] in
      $0.map(format) ?? ""
    }
  }
}

/// `a, b or c`.
func alternatives(_ words: [String]) -> String {
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
