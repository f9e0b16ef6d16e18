/// A column as the user specifies it.
public enum CSVColumn: Equatable, Sendable, CustomStringConvertible {
  /// The column with this header: an exact match first, otherwise ignoring case.
  case named(String)
  /// The column at this position, counted from 1.
  case position(Int)

  /// Reads `3` as a position and anything else as a name; `"3"` in quotes is a name.
  public init(parsing text: String) {
    if let position = Int(text), position >= 1 {
      self = .position(position)
    } else if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
      self = .named(String(text.dropFirst().dropLast()))
    } else {
      self = .named(text)
    }
  }

  /// As a user would write it.
  public var description: String {
    switch self {
    case .named(let name): "'\(name)'"
    case .position(let position): "number \(position)"
    }
  }
}
