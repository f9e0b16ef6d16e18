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

/// A line that is not a secret. Its description contains no part of it.
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

/// The secure hash algorithm SHA-256 (FIPS 180-4, section 6.2).
enum SHA256 {
  /// The 32 bytes of the digest.
  static func digest(of message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [
      0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB,
      0x5BE0_CD19,
    ]
    var padded = message + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    padded += bytes(UInt64(message.count) * 8)
    for start in stride(from: 0, to: padded.count, by: 64) {
      compress(padded[start..<(start + 64)], into: &state)
    }
    return state.flatMap { bytes($0) }
  }

  private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
    var schedule = [UInt32](repeating: 0, count: 64)
    for index in 0..<16 {
      let at = block.startIndex + 4 * index
      schedule[index] = block[at..<(at + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
    for index in 16..<64 {
      let early = schedule[index - 15]
      let late = schedule[index - 2]
      let first = rotated(early, 7) ^ rotated(early, 18) ^ (early >> 3)
      let second = rotated(late, 17) ^ rotated(late, 19) ^ (late >> 10)
      schedule[index] = schedule[index - 16] &+ first &+ schedule[index - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let choice = (e & f) ^ (~e & g)
      let one = h &+ sum1 &+ choice &+ constants[index] &+ schedule[index]
      let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      let majority = (a & b) ^ (a & c) ^ (b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ (sum0 &+ majority))
    }
    for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
  }

  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word >> count | word << (32 - count)
  }

  private static func bytes<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
    withUnsafeBytes(of: word.bigEndian) { Array($0) }
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]
}

/// Keyed hashing for message authentication with SHA-256 (RFC 2104).
package enum HMAC {
  /// The 32 bytes that authenticate `message` to anyone with `key`.
  package static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var block = key.count > 64 ? SHA256.digest(of: key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = SHA256.digest(of: block.map { $0 ^ 0x36 } + message)
    return SHA256.digest(of: block.map { $0 ^ 0x5C } + inner)
  }
}
