import FoundationEssentials

/// A secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes.
public struct SigningSecret: Sendable {
  private let key: [UInt8]

  /// Parses a credential: one secret per line, the newest first.
  /// - Throws: ``SigningSecretError`` with the malformed line. The message contains no secret.
  public static func parse(_ text: String) throws(SigningSecretError) -> [SigningSecret] {
    var secrets: [SigningSecret] = []
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      do throws(SigningSecretError.Reason) {
        secrets.append(SigningSecret(key: try key(of: line.filter { !$0.isWhitespace })))
      } catch {
        throw SigningSecretError(line: index + 1, error)
      }
    }
    guard !secrets.isEmpty else { throw SigningSecretError(line: 1, .noPrefix) }
    return secrets
  }

  private static func key(of text: String) throws(SigningSecretError.Reason) -> [UInt8] {
    // Consoles show the version of the signature with it.
    let secret = text.hasPrefix("v1,") ? text.dropFirst(3) : text[...]
    if secret.hasPrefix("v1a,") || secret.hasPrefix("whsk_") || secret.hasPrefix("whpk_") {
      throw .asymmetric
    }
    guard secret.hasPrefix("whsec_") else { throw .noPrefix }
    var base64 = String(secret.dropFirst(6))
    // Padding is often cut off when a secret is copied.
    while base64.utf8.count % 4 != 0, base64.utf8.count % 4 != 1 { base64 += "=" }
    guard let key = Data(base64Encoded: base64) else { throw .notBase64 }
    guard (24...64).contains(key.count) else { throw .wrongLength(bytes: key.count) }
    return Array(key)
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

/// A line that is not a secret. Its description contains nothing of it.
public struct SigningSecretError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with it.
  public enum Reason: Error, Equatable, Sendable {
    /// It does not begin with `whsec_`.
    case noPrefix
    /// It is a key of a signature with a public and a private key.
    case asymmetric
    /// What follows is no base64.
    case notBase64
    /// The key is too short or too long.
    case wrongLength(bytes: Int)
  }

  /// The line, counted from 1.
  public var line: Int
  /// What is wrong with it.
  public var reason: Reason

  /// An error in `line`.
  public init(line: Int, _ reason: Reason) {
    self.line = line
    self.reason = reason
  }

  /// One sentence for the user.
  public var description: String {
    let found =
      switch reason {
      case .noPrefix: "no whsec_ at its beginning"
      case .asymmetric: "a key of an asymmetric signature (v1a), which is not supported"
      case .notBase64: "characters after whsec_ that are not base64"
      case .wrongLength(let bytes): "\(bytes) bytes"
      }
    return "line \(line): expected whsec_ and the base64 of 24 to 64 bytes, found \(found)"
  }
}
