import FoundationEssentials
import Testing

/// No type of a room is spread over many files: one that needs more should be several types.
@Suite struct ExtensionRuleTests {
  /// Maximum number of files with the declaration of a type, or with an extension of it.
  static let most = 3

  /// `anomalyctl.Command`: each command is a constant of that type, in a file of its own.
  static let tables: Set = ["anomalyctl.Command"]

  @Test(arguments: ImportRulesTests.rooms)
  func `no type is declared and extended in more than three files`(
    room: ImportRulesTests.Room
  ) throws {
    for (type, files) in try files(of: room.name) where files.count > Self.most {
      let name = "\(room.name).\(type)"
      guard !Self.tables.contains(name) else { continue }
      Issue.record(
        "\(name) is declared or extended in \(files.count) files: \(files.sorted())")
    }
  }

  @Test func `lists no type that keeps the rule`() throws {
    for name in Self.tables {
      let parts = name.split(separator: ".").map(String.init)
      let count = try files(of: parts[0])[parts[1]]?.count ?? 0
      #expect(count > Self.most, "\(name) need not be listed")
    }
  }

  @Test(arguments: [
    ("public final class Daemon {", "Daemon"),
    ("extension Settings.Component {", "Settings.Component"),
    ("  extension Event: Encodable {", nil),
    ("@frozen package struct Weights: ~Copyable {", "Weights"),
    ("// extension Event {", nil), ("let structure = 1", nil),
    ("public enum Kind: UInt8 {", "Kind"),
  ])
  func `recognises a declaration in any form`(line: String, type: String?) {
    #expect(declaredType(line) == type)
  }

  /// For each type that a room declares, the files that declare or extend it.
  private func files(of room: String) throws -> [String: Set<String>] {
    var files: [String: Set<String>] = [:]
    var own: Set<String> = []
    for (file, text) in try ImportRulesTests.swiftFiles(of: room) {
      for line in text.split(separator: "\n") {
        guard let type = declaredType(line) else { continue }
        files[type, default: []].insert(file)
        if !line.contains("extension ") { own.insert(type) }
      }
    }
    return files.filter { own.contains(String($0.key.prefix { $0 != "." })) }
  }

  /// The type that a top-level line declares or extends.
  private func declaredType(_ line: some StringProtocol) -> String? {
    guard line.first != " " else { return nil }
    let words = Substring(line).split { " :{<".contains($0) }
    let keywords: Set<Substring> = [
      "struct", "class", "enum", "protocol", "actor", "extension",
    ]
    guard let keyword = words.firstIndex(where: { keywords.contains($0) }),
      keyword + 1 < words.count,
      words[..<keyword].allSatisfy({ $0.first == "@" || Self.modifiers.contains(String($0)) })
    else { return nil }
    return String(words[keyword + 1])
  }

  private static let modifiers: Set = [
    "public", "package", "internal", "private", "fileprivate", "final", "indirect", "nonisolated",
  ]
}
