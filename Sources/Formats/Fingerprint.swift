/// A short text that identifies a longer one.
public enum Fingerprint {
  /// The first 64 bits of the text's SHA-256, in hexadecimal digits.
  public static func of(_ text: String) -> String {
    SHA256.digest(of: Array(text.utf8)).prefix(8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}
