extension ValueSyntax where Value == String {
  /// The name of a credential as systemd takes it for LoadCredential=.
  static let credential = ValueSyntax(
    expectation: "the name of a credential of anomalyd-webhook.service, of letters, digits, dots, "
      + "dashes and underscores; never the secret itself"
  ) {
    isCredentialName($0) ? $0 : nil
  } format: {
    $0
  }
}

extension ValueSyntax where Value == Settings.SecretText? {
  /// An address of HTTP, or the credential that holds one.
  static let url = address(
    schemes: ["https://", "http://"],
    expectation: "an https:// or http:// address without user, password and fragment, or "
      + "credential:NAME where the address is itself a secret"
  )

  /// An address of a proxy, or the credential that holds one.
  static let proxy = address(
    schemes: ["http://", "https://", "socks5://", "socks5h://"],
    expectation: "an http://, https://, socks5:// or socks5h:// address without user and password, "
      + "or credential:NAME where it has them"
  )

  private static let prefix = "credential:"

  private static func address(schemes: [String], expectation: String) -> ValueSyntax {
    ValueSyntax(expectation: expectation) { text in
      if text.hasPrefix(prefix) {
        let name = String(text.dropFirst(prefix.count))
        return isCredentialName(name) ? .credential(name) : nil
      }
      guard let scheme = schemes.first(where: { text.hasPrefix($0) }), text.utf8.count < 2048,
        text.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) && $0 != "#" })
      else { return nil }
      let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
      return authority.isEmpty || authority.contains("@") ? nil : .text(text)
    } format: { address in
      switch address {
      case .text(let text): text
      case .credential(let name): prefix + name
      case nil: ""
      }
    }
  }
}

extension ValueSyntax where Value == [String] {
  /// The most headers of a request.
  static let maximumHeaders = 32

  /// Words `Name: value`.
  static let headers = ValueSyntax(
    expectation: "at most \(maximumHeaders) words such as \"X-Team: storage\", in quotes, of "
      + "printable ASCII, with white space between",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text)?.map(\.text), words.count <= maximumHeaders,
      words.allSatisfy(isHeader)
    else { return nil }
    return words
  } format: { headers in
    headers.map { Words.format($0, quoting: true) }.joined(separator: " ")
  }
}

private func isCredentialName(_ text: String) -> Bool {
  (1...255).contains(text.utf8.count) && text != "." && text != ".."
    && text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: ".-_".utf8.contains(byte)
      }
    }
}

/// A token as in RFC 9110, a colon, and printable ASCII.
private func isHeader(_ text: String) -> Bool {
  let name = text.utf8.prefix { $0 != UInt8(ascii: ":") }
  return !name.isEmpty && name.count < text.utf8.count
    && name.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
    && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
}
