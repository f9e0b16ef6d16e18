/// One element of a list.
public struct Word: Equatable, Sendable {
  /// The element without its quotes.
  public var text: String
  /// Whether any part of it stood in quotes, so that it means itself and no keyword.
  public var isQuoted: Bool

  /// An element with that text.
  public init(text: String, isQuoted: Bool) {
    self.text = text
    self.isQuoted = isQuoted
  }
}

/// Lists as systemd writes them: words with white space between, in double or single quotes where
/// a word holds white space; in double quotes `\"` and `\\` stand for `"` and `\`.
public enum Words {
  /// The most words in one assignment.
  public static let maximumCount = 1_000

  /// The words of a list; nil if a quote is not closed, or there are too many.
  public static func split(_ text: String) -> [Word]? {
    var words: [Word] = []
    var word: Word?
    var quote: Character?
    var escaped = false
    for character in text {
      if escaped {
        if character != "\"" && character != "\\" { word?.text.append("\\") }
        word?.text.append(character)
        escaped = false
      } else if let open = quote {
        if character == open {
          quote = nil
        } else if character == "\\" && open == "\"" {
          escaped = true
        } else {
          word?.text.append(character)
        }
      } else if character == "\"" || character == "'" {
        quote = character
        word = Word(text: word?.text ?? "", isQuoted: true)
      } else if character.isWhitespace {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = Word(text: (word?.text ?? "") + String(character), isQuoted: word?.isQuoted ?? false)
      }
    }
    guard quote == nil else { return nil }
    if let complete = word { words.append(complete) }
    return words.count <= maximumCount ? words : nil
  }

  /// The word as ``split(_:)`` reads it back; in quotes where it must be, or where `quoting` asks.
  public static func format(_ text: String, quoting: Bool = false) -> String {
    let plain =
      !quoting && !text.isEmpty
      && !text.contains { $0.isWhitespace || $0 == "\"" || $0 == "'" }
    if plain { return text }
    var result = "\""
    for character in text {
      if character == "\"" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result + "\""
  }
}
