import Series

/// Shell patterns for paths: `/var/log/*/pump-?.csv`. A `*` stays within one component of the
/// path and does not match a leading dot.
struct CSVPathPattern: Equatable {
  /// One component of the path.
  enum Part: Equatable {
    case literal(String)
    case pattern(Glob)
  }

  /// The pattern as written.
  let text: String
  /// The components, at least one.
  let parts: [Part]

  /// Parses an absolute pattern; nil if it is invalid.
  init?(_ text: String) {
    guard text.hasPrefix("/"), text.utf8.count < 4_096 else { return nil }
    var parts: [Part] = []
    for word in text.split(separator: "/") {
      if let literal = CSVPathPattern.literal(word) {
        parts.append(.literal(literal))
      } else if let glob = Glob(String(word)) {
        parts.append(.pattern(glob))
      } else {
        return nil
      }
    }
    guard !parts.isEmpty else { return nil }
    self.text = text
    self.parts = parts
    path = parts.reduce("") { path, part in
      guard let path, case .literal(let text) = part else { return nil }
      return path + "/" + text
    }
  }

  /// The single path it represents; nil if it has wildcards.
  let path: String?

  /// Whether it matches a path.
  func matches(_ path: String) -> Bool {
    let words = path.split(separator: "/")
    return words.count == parts.count
      && zip(parts, words).allSatisfy { part, word in
        switch part {
        case .literal(let text): text == word
        case .pattern(let glob): CSVPathPattern.matches(glob, word)
        }
      }
  }

  /// Whether a name matches one component.
  static func matches(_ glob: Glob, _ name: some StringProtocol) -> Bool {
    guard !name.hasPrefix(".") || glob.text.hasPrefix(".") else { return false }
    return glob.matches(name)
  }

  /// A component without wildcards, its backslashes removed; nil with wildcards.
  private static func literal(_ word: Substring) -> String? {
    var text = ""
    var isEscaped = false
    for character in word {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if "*?[".contains(character) {
        return nil
      } else {
        text.append(character)
      }
    }
    return isEscaped ? nil : text
  }
}
