import Glibc
import Series
import System

/// Shell patterns for paths: `/var/log/*/pump-?.csv`. A `*` stays within one component of the
/// path and does not match a leading dot.
struct CSVPathPattern: Equatable {
  private enum Part: Equatable {
    case literal(String)
    case pattern(Glob)
  }

  /// The pattern as written.
  let text: String
  private let parts: [Part]

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
  }

  /// The single path it stands for; nil if it has wildcards.
  var path: String? {
    var path = ""
    for part in parts {
      guard case .literal(let text) = part else { return nil }
      path += "/" + text
    }
    return path
  }

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

  /// The matching paths that exist now, in no particular order.
  /// - Parameter trouble: called for directories that cannot be listed in full, with the reason.
  func expand(trouble: (String) -> Void) -> [String] {
    var found = [""]
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      switch part {
      case .literal(let text):
        found = found.map { $0 + "/" + text }
        if isLast { found = found.filter { access($0, F_OK) == 0 } }
      case .pattern(let glob):
        var next: [String] = []
        for directory in found {
          let hasMore = CSVDirectory.visit(directory + "/") { name, _ in
            if CSVPathPattern.matches(glob, name) { next.append(directory + "/" + name) }
          }
          if hasMore == true {
            trouble(
              "\(directory): expected at most \(CSVLimits.directoryEntries) names, found more; the "
                + "rest is ignored")
          } else if hasMore == nil, errno != ENOENT, errno != ENOTDIR {
            trouble("\(directory): cannot be searched: \(Errno.last)")
          }
        }
        found = Array(next.prefix(CSVLimits.directoryEntries))
      }
    }
    return found
  }

  private static func matches(_ glob: Glob, _ name: some StringProtocol) -> Bool {
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
