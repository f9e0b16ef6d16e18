import Detection
import Events

extension ValueSyntax where Value == ClosedRange<Double>? {
  /// `0..95`, `..95` or `0..`, both ends included; an end that is not given is infinite.
  static let limits = ValueSyntax(
    expectation: "a range such as 0..95, ..95 or 0.., both ends included"
  ) { text in
    guard !text.contains("..."), let dots = text.firstRange(of: "..") else { return nil }
    let (low, high) = (trimmed(text[..<dots.lowerBound]), trimmed(text[dots.upperBound...]))
    guard !low.isEmpty || !high.isEmpty,
      let lower = low.isEmpty ? -.infinity : finite(low),
      let upper = high.isEmpty ? .infinity : finite(high),
      lower <= upper
    else { return nil }
    return lower...upper
  } format: { range in
    guard let range else { return "" }
    func end(_ value: Double) -> String { value.isFinite ? formatNumber(value) : "" }
    return "\(end(range.lowerBound))..\(end(range.upperBound))"
  }

  private static func finite(_ text: String) -> Double? {
    Double(text).flatMap { $0.isFinite ? $0 : nil }
  }
}

extension ValueSyntax where Value == Double {
  /// A share as `20%` or `20`.
  static let percent = ValueSyntax(expectation: "a percentage such as 20%, from 0 to 100000") {
    text in
    let digits = text.hasSuffix("%") ? trimmed(text.dropLast()) : text
    return Double(digits).flatMap { (0...100_000).contains($0) ? $0 : nil }
  } format: {
    formatNumber($0) + "%"
  }
}

extension ValueSyntax where Value == Severity {
  static let severity = ValueSyntax(expectation: alternatives(Severity.allCases.map(\.name))) {
    Severity(name: $0)
  } format: {
    $0.name
  }
}
