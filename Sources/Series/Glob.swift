/// A shell pattern for names: `*` matches any run of characters, `?` any one, `[ab]`, `[a-z]` and
/// `[!a-z]` one of (or none of) a set. A backslash escapes the next character. The whole name must
/// match; `.` and `/` are characters like any other.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
  /// The longest pattern in bytes of UTF-8.
  public static let maximumLength = 1_000

  /// The pattern as written.
  public let text: String
  private let parts: [Part]

  private enum Part: Hashable, Sendable {
    case run
    case one
    case literal(Unicode.Scalar)
    case set([ClosedRange<Unicode.Scalar>], negated: Bool)

    func matches(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .run, .one: true
      case .literal(let wanted): scalar == wanted
      case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
      }
    }
  }

  /// Parses a pattern.
  /// - Returns: nil for an empty pattern, one longer than ``maximumLength``, a `[` without its
  ///   `]`, a reversed range, or a backslash at the end.
  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= Glob.maximumLength else { return nil }
    var parts: [Part] = []
    var rest = Substring(text).unicodeScalars
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": if parts.last != .run { parts.append(.run) }
      case "?": parts.append(.one)
      case "[":
        guard let set = Glob.takeSet(from: &rest) else { return nil }
        parts.append(set)
      case "\\":
        guard let escaped = rest.popFirst() else { return nil }
        parts.append(.literal(escaped))
      default: parts.append(.literal(scalar))
      }
    }
    self.text = text
    self.parts = parts
  }

  /// Whether the whole of `name` matches. Takes at most (length of pattern × length of name)
  /// steps, whatever the pattern.
  public func matches(_ name: some StringProtocol) -> Bool {
    let scalars = name.unicodeScalars
    var position = scalars.startIndex
    var part = 0
    var retry: (part: Int, position: String.Index)?
    while position < scalars.endIndex {
      if part < parts.count, parts[part] == .run {
        part += 1
        retry = (part, position)
      } else if part < parts.count, parts[part].matches(scalars[position]) {
        part += 1
        position = scalars.index(after: position)
      } else if let last = retry {
        part = last.part
        position = scalars.index(after: last.position)
        retry = (part, position)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .run }
  }

  /// The pattern as written.
  public var description: String { text }

  /// The pattern that matches `name` and nothing else.
  public static func escaped(_ name: String) -> String {
    String(name.flatMap { "*?[\\".contains($0) ? ["\\", $0] : [$0] })
  }

  private static func takeSet(from rest: inout Substring.UnicodeScalarView) -> Part? {
    var negated = false
    if let first = rest.first, first == "!" || first == "^" {
      negated = true
      rest.removeFirst()
    }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let low = rest.popFirst() {
      if low == "]", !ranges.isEmpty { return .set(ranges, negated: negated) }
      guard rest.first == "-", let high = rest.dropFirst().first, high != "]" else {
        ranges.append(low...low)
        continue
      }
      guard low <= high else { return nil }
      rest.removeFirst(2)
      ranges.append(low...high)
    }
    return nil
  }
}
