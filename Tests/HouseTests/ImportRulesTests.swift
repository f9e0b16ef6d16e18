import FoundationEssentials
import Testing

/// Who may import whom: the architecture as a table, checked against every source file.
///
/// Package.swift prevents a room from importing anything that it does not depend on; this prevents
/// Package.swift from gaining unplanned dependencies, and pure rooms from importing system modules.
@Suite struct ImportRulesTests {
  struct Room: Sendable, CustomTestStringConvertible {
    let name: String
    /// The rooms and system modules that this room may import.
    let mayImport: Set<String>
    /// A pure room has no descriptors, no clock and no logging: it may use only mathematics from
    /// Glibc.
    var isPure = false
    var testDescription: String { name }
  }

  static let rooms = [
    Room(name: "CKernels", mayImport: []),
    Room(name: "CCurl", mayImport: []),
    Room(name: "CSystemd", mayImport: []),
    Room(name: "Series", mayImport: ["CKernels", "Glibc"], isPure: true),
    Room(name: "Calendar", mayImport: ["Series"], isPure: true),
    Room(name: "Networks", mayImport: ["CKernels", "Glibc"], isPure: true),
    Room(name: "Detection", mayImport: ["CKernels", "Glibc", "Networks", "Series"], isPure: true),
    Room(name: "Models", mayImport: ["Detection", "Glibc", "Networks", "Series"], isPure: true),
    Room(name: "Events", mayImport: ["Detection", "Glibc", "Series"], isPure: true),
    Room(
      name: "Monitor",
      mayImport: ["Calendar", "Detection", "Events", "Glibc", "Models", "Series"],
      isPure: true),
    Room(
      name: "Evaluation",
      mayImport: ["Detection", "Events", "Glibc", "Models", "Monitor", "Series"],
      isPure: true),
    Room(name: "System", mayImport: ["CSystemd", "Glibc", "Series"]),
    Room(name: "CommandLine", mayImport: ["Glibc", "Series", "Synchronization"]),
    Room(name: "Reports", mayImport: ["CommandLine", "Glibc", "Series"], isPure: true),
    Room(name: "Formats", mayImport: ["FoundationEssentials", "Glibc", "Series", "System"]),
    Room(name: "Outbox", mayImport: ["FoundationEssentials", "Glibc", "Series", "System"]),
    Room(
      name: "Config",
      mayImport: ["Calendar", "Detection", "Events", "Glibc", "Series", "System"]),
    Room(
      name: "Inputs", mayImport: ["CSystemd", "Calendar", "Config", "Glibc", "Series", "System"]),
    Room(
      name: "Outputs",
      mayImport: [
        "CSystemd", "CommandLine", "Config", "Detection", "Events", "Formats",
        "FoundationEssentials", "Glibc", "Outbox", "Series", "System",
      ]
    ),
    Room(
      name: "Store",
      mayImport: [
        "CSystemd", "Detection", "Events", "Glibc", "Monitor", "Series", "Synchronization",
        "System",
      ]
    ),
    Room(
      name: "Control",
      mayImport: [
        "CSystemd", "Calendar", "Detection", "Events", "FoundationEssentials", "Glibc", "Monitor",
        "Series", "System",
      ]
    ),
    Room(name: "Delivery", mayImport: ["CCurl", "Formats", "Glibc", "Outbox", "Series", "System"]),
    Room(
      name: "Daemon",
      mayImport: [
        "CSystemd", "Calendar", "CommandLine", "Config", "Control", "Detection", "Events",
        "Glibc", "Inputs", "Models", "Monitor", "Outbox", "Outputs", "Series", "Store",
        "Synchronization", "System",
      ]
    ),
    Room(
      name: "anomalyd", mayImport: ["CommandLine", "Config", "Daemon", "Glibc", "Series"]),
    Room(
      name: "anomalyd-webhook",
      mayImport: [
        "CommandLine", "Config", "Delivery", "Formats", "Glibc", "Outbox", "Outputs", "Series",
        "System",
      ]
    ),
    Room(
      name: "anomalyctl",
      mayImport: [
        "Calendar", "CommandLine", "Config", "Control", "Daemon", "Detection", "Evaluation",
        "Events", "FoundationEssentials", "Glibc", "Inputs", "Models", "Monitor", "Outputs",
        "Reports", "Series", "Synchronization", "System",
      ]
    ),
  ]

  /// Glibc functions that a pure room does not need.
  static let impureCalls = [
    "open(", "openat(", "fopen(", "read(", "write(", "socket(", "time(", "clock_gettime(",
    "gettimeofday(", "print(", "fputs(", "sd_journal_",
  ]

  static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

  @Test(arguments: rooms) func `imports only what the architecture allows`(room: Room) throws {
    for (file, text) in try Self.swiftFiles(of: room.name) {
      for (number, line) in lines(of: text) {
        guard let module = importedModule(line) else { continue }
        #expect(
          room.mayImport.contains(module),
          "Sources/\(room.name)/\(file):\(number) imports \(module), which \(room.name) may not"
        )
      }
    }
  }

  @Test(arguments: rooms.filter(\.isPure))
  func `has no descriptors, clock or logging in a pure room`(room: Room) throws {
    for (file, text) in try Self.swiftFiles(of: room.name) {
      for (number, line) in lines(of: text) where !line.hasPrefix("//") {
        for call in Self.impureCalls where calls(call, in: line) {
          Issue.record("Sources/\(room.name)/\(file):\(number) calls \(call)) in a pure room")
        }
      }
    }
  }

  @Test func `has a row for every room`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    #expect(Set(folders.filter { !$0.hasPrefix(".") }) == Set(Self.rooms.map(\.name)))
  }

  @Test(arguments: [
    ("import Glibc", "Glibc"), ("public import Series", "Series"),
    ("@preconcurrency import CSystemd", "CSystemd"), ("import struct Glibc.stat", "Glibc"),
    ("  internal import Networks // weights", "Networks"),
  ])
  func `recognises an import in any form`(line: String, module: String) {
    #expect(importedModule(line) == module)
  }

  @Test(arguments: ["// import Glibc", "let important = 1", "imports.append(1)"])
  func `mistakes nothing else for an import`(line: String) {
    #expect(importedModule(line) == nil)
  }

  /// Relative path and text of each Swift file of a room; none for rooms of C.
  static func swiftFiles(of room: String) throws -> [(String, String)] {
    let folder = sources.appending(path: room)
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") }
      .map { ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
  }

  private func lines(of text: String) -> [(number: Int, line: String)] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
      (index + 1, String(line.drop { $0 == " " }))
    }
  }

  /// Module that a line imports.
  private func importedModule(_ line: String) -> String? {
    let words = line.split(separator: " ")
    guard let keyword = words.firstIndex(of: "import") else { return nil }
    let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
    guard words[..<keyword].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else {
      return nil
    }
    let kinds: Set<Substring> = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
    let name = words[(keyword + 1)...].first { !kinds.contains($0) }
    return name.flatMap { $0.split(separator: ".").first.map(String.init) }
  }

  /// Whether `line` calls the free function `call`: not a method, and not the end of a longer name.
  private func calls(_ call: String, in line: String) -> Bool {
    guard let range = line.firstRange(of: call) else { return false }
    let before = line[..<range.lowerBound]
    guard let last = before.last else { return true }
    return !(last.isLetter || last.isNumber || last == "_" || last == ".")
      && !before.hasSuffix("func ")
  }
}
