extension ValueSyntax where Value == UInt32 {
  /// Permission bits in octal digits.
  static let fileMode = ValueSyntax(expectation: "permission bits in octal digits such as 0660") {
    text in
    guard (3...4).contains(text.utf8.count) else { return nil }
    return UInt32(text, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
  } format: {
    "0" + String($0 | 0o1000, radix: 8).dropFirst()
  }
}

extension ValueSyntax where Value == String {
  /// The name of a group as useradd(8) makes them.
  static let groupName = ValueSyntax(expectation: "the name of a group") { text in
    let isName = text.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x5F: true
      case 0x30...0x39, 0x2D, 0x2E: index > 0
      default: false
      }
    }
    return isName && (1...31).contains(text.utf8.count) ? text : nil
  } format: {
    $0
  }
}

extension ValueSyntax where Value == [String]? {
  /// Keys of tags, `all`, which is nil, or `none`.
  static let tags = ValueSyntax(
    expectation: "all, none, or at most 32 keys of tags with white space between",
    adding: { before, more in before.flatMap { before in more.map { before + $0 } } }
  ) { text in
    guard let words = Words.split(text)?.map(\.text), words.count <= 32,
      words.allSatisfy({ (1...100).contains($0.utf8.count) })
    else { return nil }
    if words == ["all"] { return .some(nil) }
    if words == ["none"] { return .some([]) }
    guard !words.isEmpty, !words.contains("all"), !words.contains("none") else { return nil }
    return .some(words)
  } format: { tags in
    guard let tags else { return "all" }
    return tags.isEmpty ? "none" : tags.map { Words.format($0) }.joined(separator: " ")
  }
}
