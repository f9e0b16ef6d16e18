import FoundationEssentials

/// A secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes.
public struct SigningSecret: Sendable {
  private let key: [UInt8]

  /// Parses a credential: one secret per line, the newest first.
  /// - Throws: ``SigningSecretError`` with the malformed line. The message contains no secret.
  public static func parse(_ text: String) throws(SigningSecretError) -> [SigningSecret] {
    var secrets: [SigningSecret] = []
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let line = line.filter { !$0.isWhitespace }
      guard line.hasPrefix("whsec_"), let key = Data(base64Encoded: String(line.dropFirst(6))),
        (24...64).contains(key.count)
      else { throw SigningSecretError(line: index + 1) }
      secrets.append(SigningSecret(key: Array(key)))
    }
    guard !secrets.isEmpty else { throw SigningSecretError(line: 1) }
    return secrets
  }

  private init(key: [UInt8]) {
    self.key = key
  }

  /// `v1,` and the base64 of a message's signature.
  func signature(id: String, timestamp: Int64, body: String) -> String {
    let signed = Array("\(id).\(timestamp).\(body)".utf8)
    return "v1," + Data(HMAC.sha256(signed, key: key)).base64EncodedString()
  }
}

/// A line that is not a secret.
public struct SigningSecretError: Error, Equatable, CustomStringConvertible {
  /// The line, counted from 1.
  public var line: Int

  /// An error in `line`.
  public init(line: Int) {
    self.line = line
  }

  /// One sentence for the user.
  public var description: String {
    "line \(line): expected whsec_ and the base64 of 24 to 64 bytes, found something else"
  }
}
