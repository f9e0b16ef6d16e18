import Series

/// Lays out plain text for a terminal.
public enum Layout {
  /// `text` in lines of at most `width` columns, broken at spaces; a longer word gets its own line.
  public static func wrap(_ text: some StringProtocol, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if columns(line) + 1 + columns(word) <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// Terms on the left, with their wrapped descriptions aligned on the right.
  public static func definitions(_ entries: [(String, String)], width: Int) -> [String] {
    let longest = entries.map { columns($0.0) }.filter { $0 <= 30 }.max() ?? 0
    let indent = longest + 4
    return entries.flatMap { term, meaning in
      var lines = wrap(meaning, width: max(20, width - indent)).map { spaces(indent) + $0 }
      let label = "  " + term
      if lines.isEmpty || columns(label) + 2 > indent {
        lines.insert(label, at: 0)
      } else {
        lines[0] = label + lines[0].dropFirst(columns(label))
      }
      return lines
    }
  }

  /// `count` spaces, none for a negative count.
  public static func spaces(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
  }

  /// `text` with spaces after it, up to `width` columns.
  public static func pad(_ text: String, to width: Int) -> String {
    text + spaces(width - columns(text))
  }

  /// The number of terminal columns that `text` occupies; it must not contain control characters.
  ///
  /// Ideographs, kana, hangul and emoji take two columns, everything else one.
  public static func columns(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + columns($1) }
  }

  static func columns(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` truncated to `width` columns; the end is replaced by `…`.
  public static func truncate(_ text: String, width: Int) -> String {
    guard columns(text) > width else { return text }
    var result = ""
    var used = 0
    for character in text {
      let next = columns(character)
      if used + next > width - 1 { break }
      result.append(character)
      used += next
    }
    return width >= 1 ? result + "…" : ""
  }

  /// `text` shortened to `width` columns with `…` in the middle, because the ends distinguish
  /// names.
  public static func shorten(_ text: String, width: Int) -> String {
    guard columns(text) > width else { return text }
    guard width > 2 else { return truncate(text, width: width) }
    let tail = (width - 1) / 2
    var end: [Character] = []
    var used = 0
    for character in text.reversed() {
      let next = columns(character)
      if used + next > tail { break }
      end.append(character)
      used += next
    }
    return truncate(text, width: width - used) + String(end.reversed())
  }

  /// `text` as ``PrintableText`` shows it.
  public static func printable(_ text: some StringProtocol) -> String { PrintableText.line(text) }
}
