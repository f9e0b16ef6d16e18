import Series

/// The kinds of section, by the first word of their header.
enum SectionKind: String, CaseIterable {
  case agent = "Agent"
  case detector = "Detector"
  case input = "Input"
  case output = "Output"
  case metric = "Metric"
  case model = "Model"
  case silence = "Silence"

  /// What must follow the first word, phrased to follow the word "expected"; nil if nothing may.
  var expectedName: String? {
    switch self {
    case .agent, .detector: nil
    case .input, .output, .model, .silence:
      "a name of at most 64 letters, digits, dots, dashes and underscores after "
        + "\(rawValue), such as [\(rawValue) main]"
    case .metric: "a pattern of metric names after Metric, such as [Metric disk.*]"
    }
  }

  /// Whether a name may follow the first word.
  func accepts(_ name: String) -> Bool {
    switch self {
    case .agent, .detector: name.isEmpty
    case .input, .output, .model, .silence:
      (1...64).contains(name.utf8.count)
        && name.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
          default: ".-_".utf8.contains(byte)
          }
        }
    case .metric: Glob(name) != nil
    }
  }
}

/// All assignments of one section, from any number of headers.
struct SectionText {
  var kind: SectionKind
  /// The text after the first word of the header; empty for `[Agent]` and `[Detector]`.
  var name: String
  /// The file of its first header.
  var file: String
  var line: Int
  var assignments: [Assignment] = []

  /// The header without brackets.
  var header: String { name.isEmpty ? kind.rawValue : "\(kind.rawValue) \(name)" }
}

/// A line `Key=value`.
struct Assignment {
  var file: String
  var line: Int
  var key: String
  var value: String
}

/// Splits text into sections and assignments; systemd's syntax, systemd.syntax(7).
struct SyntaxReader {
  private(set) var sections: [SectionText] = []
  private(set) var errors: [SettingsError] = []

  /// Reads one file, which overrides the previous ones.
  mutating func read(_ text: String, file: String) {
    var current: Int?
    var skipping = false
    for (line, statement) in SyntaxReader.statements(text) {
      if statement.hasPrefix("[") {
        let opened = open(statement, file: file, line: line)
        skipping = opened == nil
        current = opened
        continue
      }
      if skipping { continue }
      guard let equals = statement.firstIndex(of: "=") else {
        errors.append(
          SettingsError(
            file: file,
            line: line,
            section: current.map { sections[$0].header },
            .missingEqualsSign(found: statement)
          )
        )
        continue
      }
      let key = trimmed(statement[..<equals])
      let value = trimmed(statement[statement.index(after: equals)...])
      guard let section = current else {
        errors.append(SettingsError(file: file, line: line, key: key, .outsideSection))
        skipping = true
        continue
      }
      guard !key.isEmpty else {
        errors.append(
          SettingsError(
            file: file,
            line: line,
            section: sections[section].header,
            .missingKey(found: statement)
          )
        )
        continue
      }
      sections[section].assignments.append(
        Assignment(file: file, line: line, key: key, value: value)
      )
    }
  }

  private var places: [String: Int] = [:]

  init() {}

  /// The index of the section that a header opens; nil, and an error, if the header is invalid.
  private mutating func open(_ statement: String, file: String, line: Int) -> Int? {
    func fail(_ problem: SettingsProblem) -> Int? {
      errors.append(SettingsError(file: file, line: line, problem))
      return nil
    }
    guard statement.hasSuffix("]"), statement.count > 2 else {
      return fail(.malformedHeader(found: statement))
    }
    let header = statement.dropFirst().dropLast()
    let word = header.prefix { !$0.isWhitespace }
    let name = trimmed(header.dropFirst(word.count))
    guard let kind = SectionKind(rawValue: String(word)) else {
      let known = SectionKind.allCases.map(\.rawValue)
      return fail(
        .unknownSection(
          found: String(header),
          suggestion: suggestion(for: word, among: known),
          known: known
        )
      )
    }
    if let expected = kind.expectedName {
      guard kind.accepts(name) else {
        return fail(.invalidSectionName(expected: expected, found: name))
      }
    } else if !name.isEmpty {
      return fail(.unexpectedSectionName(found: name))
    }
    let section = SectionText(kind: kind, name: name, file: file, line: line)
    if let known = places[section.header] { return known }
    places[section.header] = sections.count
    sections.append(section)
    return sections.count - 1
  }

  /// The significant lines, each with the number of its first line: comments and blank lines are
  /// left out, continued lines joined by a space.
  private static func statements(_ text: String) -> [(line: Int, text: String)] {
    var result: [(line: Int, text: String)] = []
    var pieces: [Substring] = []
    var start = 0
    func complete() {
      let statement = trimmed(pieces.joined(separator: " "))
      if !statement.isEmpty { result.append((start, statement)) }
      pieces.removeAll()
    }
    var rest = text.unicodeScalars.first == "\u{FEFF}" ? text.dropFirst() : text[...]
    var number = 0
    while !rest.isEmpty {
      let end = rest.firstIndex(where: \.isNewline) ?? rest.endIndex
      let line = rest[..<end].drop(while: \.isWhitespace)
      rest = end < rest.endIndex ? rest[rest.index(after: end)...] : rest[end...]
      number += 1
      // A comment inside a continued line is ignored, and the line continues after it. The comment
      // sign may be followed by a combining mark, which would make another `Character` of it.
      if let sign = line.unicodeScalars.first, sign == "#" || sign == ";" { continue }
      if pieces.isEmpty { start = number }
      if endsInBackslash(line) {
        pieces.append(line.dropLast())
      } else {
        pieces.append(line)
        complete()
      }
    }
    complete()
    return result
  }

  /// Whether the last character is a backslash that no other one escapes.
  private static func endsInBackslash(_ text: Substring) -> Bool {
    !text.reversed().prefix { $0 == "\\" }.count.isMultiple(of: 2)
  }
}

/// The text without white space at its ends.
func trimmed(_ text: some StringProtocol) -> String {
  let start = text.drop(while: \.isWhitespace)
  guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
  return String(start[...last])
}
