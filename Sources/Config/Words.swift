import Series

/// One element of a list.
public struct Word: Equatable, Sendable {
  /// The element without its quotes.
  public var text: String
  /// Whether any part of it was quoted, so that it is literal rather than a keyword.
  public var isQuoted: Bool

  /// An element with that text.
  public init(text: String, isQuoted: Bool) {
    self.text = text
    self.isQuoted = isQuoted
  }
}

/// Lists in systemd's notation: words separated by white space, in double or single quotes if a
/// word contains white space; in double quotes `\"` and `\\` stand for `"` and `\`.
public enum Words {
  /// Maximum number of words in one assignment.
  public static let maximumCount = 1_000

  /// The words of a list; nil if a quote is not closed, or if there are too many.
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

  /// The word in the form that ``split(_:)`` reads back; quoted if necessary, or if `quoting` is
  /// set.
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

/// The text in double quotes on one line, cut off after 80 characters.
func quoted(_ text: some StringProtocol) -> String { PrintableText.quoted(text) }

/// The word of `known` that the author of `found` most likely meant; nil if none is similar.
///
/// Similar: at most a third of the letters changed, inserted, left out or swapped, ignoring case.
func suggestion(for found: some StringProtocol, among known: [String]) -> String? {
  let wanted = Array(found.lowercased().prefix(64))
  var best: (word: String, distance: Int)?
  for word in known {
    let distance = editDistance(wanted, Array(word.lowercased()))
    if distance < best?.distance ?? .max { best = (word, distance) }
  }
  guard let best, best.distance <= max(1, max(best.word.count, wanted.count) / 3) else {
    return nil
  }
  return best.word
}

/// The number of letters to change, insert, leave out or swap with their neighbour (optimal
/// string alignment: Damerau's distance with each piece edited once).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
