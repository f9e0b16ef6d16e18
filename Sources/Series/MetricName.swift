/// The name of a metric, such as `cpu.busy` or `disk.sda.read_bytes`.
///
/// Validated on creation, so that every later stage may trust it: 1 to 200 bytes of UTF-8, no
/// control characters, no white space, none of `"`, `\`, `*`, `?`, `[`, `]`.
public struct MetricName: Hashable, Sendable, CustomStringConvertible {
  /// The longest name in bytes of UTF-8.
  public static let maximumLength = 200

  /// The name itself.
  public let text: String

  /// Validates a name from outside.
  /// - Throws: ``MetricNameError`` with what was found.
  public init(validating text: String) throws(MetricNameError) {
    guard !text.isEmpty else { throw .empty }
    let length = text.utf8.count
    guard length <= MetricName.maximumLength else {
      throw .tooLong(bytes: length, maximum: MetricName.maximumLength)
    }
    for scalar in text.unicodeScalars where !MetricName.isAllowed(scalar) {
      throw .forbiddenCharacter(scalar)
    }
    self.text = text
  }

  /// The nearest valid name: forbidden characters become `_`, excess length is cut, an empty name
  /// becomes `unnamed`. For names derived from column headers and devices.
  public init(sanitizing text: some StringProtocol) {
    var result = String.UnicodeScalarView()
    var length = 0
    for scalar in text.unicodeScalars {
      let kept = MetricName.isAllowed(scalar) ? scalar : "_"
      length += UTF8.width(kept)
      guard length <= MetricName.maximumLength else { break }
      result.append(kept)
    }
    self.text = result.isEmpty ? "unnamed" : String(result)
  }

  /// The name as text.
  public var description: String { text }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\"", "\\", "*", "?", "[", "]": false
    default:
      scalar.value > 0x20 && !(0x7f...0x9f).contains(scalar.value)
        && !scalar.properties.isWhitespace
    }
  }
}

/// Why a text is not a metric name.
public enum MetricNameError: Error, Equatable, CustomStringConvertible {
  /// The text is empty.
  case empty
  /// The text is longer than ``MetricName/maximumLength``.
  case tooLong(bytes: Int, maximum: Int)
  /// The text contains a control character, white space or a pattern character.
  case forbiddenCharacter(Unicode.Scalar)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .empty: "a metric name must not be empty"
    case .tooLong(let bytes, let maximum):
      "a metric name may have at most \(maximum) bytes, found \(bytes)"
    case .forbiddenCharacter(let scalar):
      "a metric name must not contain \(String(reflecting: Character(scalar)))"
    }
  }
}
