import CommandLine
import FoundationEssentials
import Support
import Testing
import anomalyctl

/// What people read.
enum Documents {
  /// The project's root directory, with a trailing slash.
  static var root: String {
    #filePath.replacing("Tests/AnomalyctlTests/ShownCommandTests.swift", with: "")
  }

  /// Text of a manual page without its escapes.
  static func plain(_ text: some StringProtocol) -> String {
    String(text).replacing("\\-", with: "-").replacing("\\fB", with: "")
      .replacing("\\fI", with: "").replacing("\\fR", with: "").replacing("\\e", with: "\\")
  }

  /// The paths below the root, of README, documents, pages, examples and the default configuration.
  static var paths: [String] {
    let folders = ["docs", "docs/man", "docs/guides", "etc", "etc/examples"]
    let files = folders.flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []).sorted()
        .map { "\(folder)/\($0)" }
    }
    let kinds = [".md", ".conf", ".1", ".5", ".8"]
    return ["README.md"] + files.filter { file in kinds.contains { file.hasSuffix($0) } }
  }

  /// The command lines of anomalyctl that a document shows, without the program's name.
  static func commandLines(_ path: String) -> [String] {
    let text = contents(root + path)
    let isPage = path.hasPrefix("docs/man/")
    var found: [String] = []
    // Examples: in a page unfilled text, in a document code blocks, in a configuration file
    // indented comments.
    var isExample = path.hasSuffix(".conf")
    for line in text.split(separator: "\n") {
      if isPage, line == ".nf" || line == ".fi" { isExample = line == ".nf" }
      if path.hasSuffix(".md"), line.hasPrefix("```") { isExample.toggle() }
      let line = isPage ? plain(line) : String(line)
      guard isExample, !line.contains("[OPTION...]"), !line.hasPrefix("# anomalyctl") else {
        continue
      }
      var rest = line[...]
      while rest.hasPrefix(" ") || rest.hasPrefix("#") || rest.hasPrefix("$") { rest.removeFirst() }
      if rest.hasPrefix("sudo ") { rest = rest.dropFirst(5) }
      if rest.hasPrefix("anomalyctl ") { found.append(String(rest.dropFirst(11))) }
      if let start = line.firstRange(of: "| anomalyctl ")?.upperBound, !line.hasPrefix("|") {
        found.append(String(line[start...]))
      }
    }
    if path.hasSuffix(".md") {
      // Code in running text: between single backticks outside blocks.
      let blocks = text.split(separator: "```", omittingEmptySubsequences: false)
      for (index, part) in blocks.enumerated() where index.isMultiple(of: 2) {
        let spans = part.split(separator: "`", omittingEmptySubsequences: false)
        for (place, span) in spans.enumerated() where !place.isMultiple(of: 2) {
          let words = span.split(whereSeparator: \.isWhitespace).joined(separator: " ")
          if words.hasPrefix("anomalyctl ") { found.append(String(words.dropFirst(11))) }
        }
      }
    }
    return found
  }

  /// The words of a command line as a shell would pass them, up to a pipe, a comment or the like;
  /// nil for an unterminated quote.
  static func words(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        (quote, word) = (character, word ?? "")
      } else if "|;&><".contains(character) || character == "#" && word == nil {
        break
      } else if character == " " {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let word { words.append(word) }
    return quote == nil ? words : nil
  }
}

/// Every command that README, documents, manual pages, examples and the help show is one that exists,
/// with its options. Those that need only a daemon are run by the end-to-end test.
@Suite struct ShownCommandTests {
  /// A name in place of a command, as in "anomalyctl COMMAND --help".
  private static let placeholders: Set = ["COMMAND", "FOLDER"]

  private func check(_ line: String, _ place: String) {
    guard var words = Documents.words(line), let first = words.first else {
      Issue.record("\(place): cannot be read: \(line)")
      return
    }
    if ShownCommandTests.placeholders.contains(first) || first.hasPrefix("--") { return }
    // A family as a whole, such as `anomalyctl models`.
    if words.count == 1,
      Program.anomalyctl.commands.contains(where: { $0.name.hasPrefix(first + " ") })
    {
      return
    }
    if first == "help" {
      words.removeFirst()
      if words.isEmpty { return }
    }
    do throws(UsageError) {
      _ = try Program.anomalyctl.parse(words)
    } catch {
      // Running text may name a command without its arguments.
      switch error {
      case .missingArgument, .missingValue: if place.hasSuffix("text") { return }
      default: break
      }
      Issue.record("\(place): anomalyctl \(line): \(error)")
    }
  }

  @Test(arguments: Documents.paths)
  func `every shown command can be run as it is shown`(path: String) {
    for line in Documents.commandLines(path) { check(line, "\(path), text") }
  }

  @Test func `documents and the commands in them are found`() {
    #expect(Documents.paths.count > 25)
    #expect(Documents.commandLines("README.md").count > 30)
    #expect(Documents.commandLines("docs/man/anomalyctl-models.1").count > 15)
    #expect(Documents.words("a 'b c' --d=\"e f\" # g") == ["a", "b c", "--d=e f"])
    #expect(Documents.words("a 'b") == nil)
  }

  @Test func `the examples of every command can be run as well`() {
    for command in Program.anomalyctl.commands {
      for example in command.usage.examples {
        guard let start = example.line.firstRange(of: "anomalyctl ")?.upperBound else {
          Issue.record("\(command.name): no command in \(example.line)")
          continue
        }
        check(String(example.line[start...]), command.name)
      }
    }
  }
}
