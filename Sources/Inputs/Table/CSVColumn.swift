/// A column, as a person tells it.
public enum CSVColumn: Equatable, Sendable, CustomStringConvertible {
  /// The column with this header; matched exactly, else without regard to case.
  case named(String)
  /// The column at this place, counted from 1.
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

  /// As a person would write it.
  public var description: String {
    switch self {
    case .named(let name): "'\(name)'"
    case .position(let position): "number \(position)"
    }
  }
}
