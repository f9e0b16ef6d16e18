import FoundationEssentials
import Testing

/// Every file that reads external bytes is fuzzed: `Tests/Fuzz/readers` says by which targets.
@Suite struct FuzzTargetsTests {
  private static let project = ImportRulesTests.sources.deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: project.appending(path: path), encoding: .utf8)
  }

  /// Signs that a source file interprets bytes or text that it was given.
  private static let signs = [
    "JSONDecoder()", "ByteReader(", "inout ByteReader", "init(decoding", "init?(decoding",
    "init?(fileName", "init(parsing", "init?(parsing", "init?(payload", "func parse(",
    "StateDecoder.decode",
  ]

  /// The list: files, and the targets of each; empty if it needs none.
  private static func readers() throws -> [String: [String]] {
    let lines = try text("Tests/Fuzz/readers").split(separator: "\n").filter { !$0.hasPrefix("#") }
    return try Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let words = line.split(separator: " ").map(String.init)
        try #require(words.count > 1, "\(line)")
        if words[1] == "-" { try #require(words.count > 3, "no reason: \(line)") }
        return (words[0], words[1] == "-" ? [] : Array(words.dropFirst()))
      })
  }

  @Test func `every reader of external bytes has fuzz targets, and every target a reader`()
    throws
  {
    let readers = try Self.readers()
    let fuzz = Self.project.appending(path: "Tests/Fuzz")
    let sources = try FileManager.default.contentsOfDirectory(atPath: fuzz.path)
      .filter { $0.hasPrefix("Fuzz+") }.map { try Self.text("Tests/Fuzz/\($0)") }.joined()
    // FuzzTarget("name", ... or, where it takes more than a line, FuzzTarget( and "name" in the next one.
    let targets = Set(
      sources.components(after: "FuzzTarget(").compactMap { text in
        text.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false).dropFirst()
          .first
          .map(String.init)
      })
    #expect(targets.count > 30)
    for (file, names) in readers {
      #expect(
        FileManager.default.fileExists(
          atPath: Self.project.appending(path: "Sources/\(file)").path), "\(file) is gone")
      for name in names { #expect(targets.contains(name), "\(file): no target \(name)") }
    }
    let used = Set(readers.values.joined())
    #expect(targets.isSubset(of: used), "\(targets.subtracting(used)) fuzz no reader")
    for room in ImportRulesTests.rooms {
      for (file, text) in try ImportRulesTests.swiftFiles(of: room.name)
      where Self.signs.contains(where: { text.contains($0) }) {
        let name = "\(room.name)/\(file)"
        #expect(readers[name] != nil, "\(name) reads bytes and is not in Tests/Fuzz/readers")
      }
    }
  }
}

extension String {
  /// The pieces after each occurrence of a text.
  fileprivate func components(after text: String) -> [Substring] {
    split(separator: text, omittingEmptySubsequences: false).dropFirst().map { $0 }
  }
}
