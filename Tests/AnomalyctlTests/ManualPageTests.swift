import CommandLine
import FoundationEssentials
import Support
import Testing
import anomalyctl

/// The pages of the families are generated: `REGENERATE=1 swift test --filter ManualPageTests`
/// rewrites them. anomalyctl(1), the overview, is written by hand and compared with the table here.
@Suite struct ManualPageTests {
  private static let pages = ManualPages(of: Program.anomalyctl.commands)
  private static var folder: String { Documents.root + "docs/man/" }

  @Test(arguments: pages.files.map(\.name))
  func `the committed page is the generated one`(name: String) throws {
    let text = try #require(ManualPageTests.pages.files.first { $0.name == name }?.text)
    let path = ManualPageTests.folder + name
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try Data(text.utf8).write(to: URL(filePath: path))
    }
    #expect(contents(path) == text, "REGENERATE=1 writes it anew")
  }

  @Test func `every command is on one page, and no page has one that does not exist`() {
    #expect(ManualPageTests.pages.strays.isEmpty)
    let members = ManualPageTests.pages.files.flatMap { file in
      file.text.split(separator: "\n").filter { $0.hasPrefix(".SS \"anomalyctl ") }
    }
    #expect(
      Set(members).count == members.count && members.count == Program.anomalyctl.commands.count)
  }

  /// The overview's commands, each with the text up to the next.
  private static var overview: [(name: String, text: String)] {
    let text = contents(folder + "anomalyctl.1")
    guard let start = text.firstRange(of: ".SH COMMANDS\n")?.upperBound,
      let end = text[start...].firstRange(of: "\n.SH ")?.lowerBound
    else { return [] }
    let names = Program.anomalyctl.commands.map(\.name).sorted { $0.count > $1.count }
    var found: [(String, String)] = []
    for piece in text[start..<end].split(separator: "\n.T") {
      let lines = piece.split(separator: "\n", omittingEmptySubsequences: false)
      let title = lines.dropFirst().first.map { Documents.plain($0) } ?? ""
      for alternative in title.split(separator: ", ") {
        if let name = names.first(where: { alternative == $0 || alternative.hasPrefix($0 + " ") }) {
          found.append((name, Documents.plain(piece)))
        }
      }
      // `models freeze|unfreeze`
      if title.hasPrefix("models freeze|unfreeze") {
        found += [
          ("models freeze", Documents.plain(piece)), ("models unfreeze", Documents.plain(piece)),
        ]
      }
    }
    return found
  }

  @Test func `the overview has every command`() {
    let known = Set(ManualPageTests.overview.map(\.name))
    let missing = Program.anomalyctl.commands.map(\.name).filter { !known.contains($0) }
    #expect(missing == [])
  }

  @Test func `every option that the overview names exists`() {
    let usual: Set = ["help", "version", "json", "socket", "no-pager"]
    for (name, text) in ManualPageTests.overview {
      guard let command = Program.anomalyctl.commands.first(where: { $0.name == name }) else {
        continue
      }
      let options = Set(command.usage.options.map(\.name)).union(usual)
      for word in text.split(whereSeparator: { " \n[](),;:'|=".contains($0) })
      where word.hasPrefix("--") && word.count > 2 {
        let option = word.dropFirst(2).prefix { $0.isLetter || $0 == "-" }
        let isOfAnother = Program.anomalyctl.commands.contains { other in
          text.contains("\(other.name) --\(option)")
            && other.usage.options.contains { $0.name == option }
        }
        #expect(
          options.contains(String(option)) || isOfAnother, "\(name): --\(option) does not exist")
      }
    }
  }

  @Test func `commands that print data have --json, and document its output`() {
    // These write a picture, a page, a recording, a script, a full screen, or nothing.
    let others: Set = [
      "top", "send", "plot", "report", "synthesize", "models export", "completion",
      "config default",
    ]
    for command in Program.anomalyctl.commands {
      let hasOption = command.usage.options.contains { $0.name == "json" }
      #expect(hasOption != others.contains(command.name), "\(command.name)")
      #expect(hasOption == !command.usage.json.isEmpty, "\(command.name)")
    }
  }

  @Test func `every type and method that the help names is in the interface`() throws {
    let interface = try #require(
      ManualPageTests.pages.files.first { $0.name == "io.anomalyd.7" }?.text)
    for command in Program.anomalyctl.commands {
      let words = command.usage.json.split(whereSeparator: { " ,;.()".contains($0) })
      for (word, next) in zip(words, words.dropFirst()) where word.lowercased() == "type" {
        guard next.first?.isUppercase ?? false else { continue }
        #expect(interface.contains("\ntype \(next) ("), "\(command.name): type \(next)")
      }
      for (index, word) in words.enumerated() where word == "reply" {
        guard words.indices.contains(index + 2), words[index + 1] == "of" else { continue }
        #expect(
          interface.contains("\nmethod \(words[index + 2])("),
          "\(command.name): \(words[index + 2])")
      }
    }
  }
}
