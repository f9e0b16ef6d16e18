extension ValueSyntax where Value == [String] {
  /// The most fields of a frame.
  static let maximumFields = 128

  /// Names of fields, each once; `-` as often as it takes.
  static let fields = ValueSyntax(
    expectation: "at most \(maximumFields) names with white space between, each once, of letters, "
      + "digits and _ . - / %, or - for a value to leave out",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text)?.map(\.text), words.count <= maximumFields,
      words.allSatisfy(isFieldName)
    else { return nil }
    let names = words.filter { $0 != "-" }
    return Set(names).count == names.count ? words : nil
  } format: { fields in
    fields.map { Words.format($0) }.joined(separator: " ")
  }
}

extension ValueSyntax where Value == [Settings.Scale] {
  /// Words `field:factor` or `field:factor:offset`.
  static let scales = ValueSyntax(
    expectation: "field:factor or field:factor:offset with white space between, such as "
      + "temperature:0.1:-40",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text), words.count <= ValueSyntax<[String]>.maximumFields else {
      return nil
    }
    let scales = words.compactMap { Settings.Scale($0.text) }
    return scales.count == words.count && Set(scales.map(\.field)).count == scales.count
      ? scales : nil
  } format: { scales in
    scales.map(\.text).joined(separator: " ")
  }
}

extension Settings.Scale {
  /// `field:factor` or `field:factor:offset`; nil for anything else, and for a factor of 0.
  fileprivate init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, isFieldName(String(parts[0])), parts[0] != "-",
      let factor = Double(parts[1]), factor.isFinite, factor != 0,
      let offset = parts.count == 3 ? Double(parts[2]) : 0, offset.isFinite
    else { return nil }
    self.init(field: String(parts[0]), factor: factor, offset: offset)
  }

  fileprivate var text: String {
    "\(field):\(factor)" + (offset == 0 ? "" : ":\(offset)")
  }
}

/// Whether a text can be the name of a field as the serial input takes it from a line.
private func isFieldName(_ text: String) -> Bool {
  (1...64).contains(text.utf8.count)
    && text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x2F, 0x25: true
      default: false
      }
    }
}
