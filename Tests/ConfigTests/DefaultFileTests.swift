import Config
import Daemon
import FoundationEssentials
import Monitor
import Testing

/// Generated files: `REGENERATE=1 swift test --filter DefaultFileTests` rewrites them.
@Suite struct DefaultFileTests {
  @Test(arguments: [
    ("etc/anomalyd.conf", SectionTypes.all.defaultFile),
    ("docs/man/anomalyd.conf.5", SectionTypes.all.manualPage),
  ])
  func `the committed file is the generated one`(name: String, text: String) throws {
    let root = #filePath.replacing("Tests/ConfigTests/DefaultFileTests.swift", with: "")
    let file = URL(filePath: root + name)
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let committed = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(committed == text, "REGENERATE=1 writes it anew")
  }

  @Test func `the manual has every key`() {
    for key in SectionTypes.all.keys {
      #expect(SectionTypes.all.manualPage.contains("\\fB\(key.name)="))
    }
  }

  @Test func `reads back as the defaults`() throws {
    let settings = try Scratch.load(SectionTypes.all.defaultFile)
    var expected = Settings(.all)
    expected.files = settings.files
    #expect(settings == expected)
  }

  /// The defaults, and the examples of keys that have none.
  @Test func `every key has a valid example`() throws {
    for key in SectionTypes.all.keys {
      #expect(!key.example.isEmpty, "\(key.section) \(key.name) needs one")
      let name = ["Agent", "Detector"].contains(key.section) ? "" : " x"
      let type = key.type.map { "Type=\($0)\n" } ?? ""
      // What a section needs in addition to the key.
      let needed =
        switch key.type {
        case "csv", "events", "file": ["Path=/x"]
        case "serial": ["Device=/x", "Fields=x"]
        case "webhook": ["URL=https://x", "Secret=x"]
        default:
          key.section == "Silence"
            ? ["Schedule=daily", "Duration=1h"] : key.section == "Model" ? ["File=/x"] : []
        }
      let fitting =
        switch key.name {
        case "Template": ["Format=template", "URL=https://x"]
        case "RoutingKey": ["Format=pagerduty"]
        case "ClientKey": needed + ["ClientCertificate=/x"]
        case "ClientCertificate": needed + ["ClientKey=x"]
        case "Scale": ["Device=/x", "Fields=temperature"]
        case "ExcludeSensors", "IncludeSensors": ["Collectors=sensors"]
        case "ExcludeInterrupts", "IncludeInterrupts": ["Collectors=interrupts"]
        default: needed
        }
      let others = fitting.filter { !$0.hasPrefix("\(key.name)=") }.map { $0 + "\n" }.joined()
      _ = try Scratch.load(
        "[\(key.section)\(name)]\n\(type)\(others)\(key.name)=\(key.example)\n"
      )
    }
  }

  @Test func `names every key with its default`() {
    for key in SectionTypes.all.keys {
      #expect(SectionTypes.all.defaultFile.contains("\n#\(key.name)=\(key.defaultText)\n"))
    }
  }

  @Test func `has no comment of more than 100 columns`() {
    for line in SectionTypes.all.defaultFile.split(separator: "\n") where line.hasPrefix("# ") {
      #expect(line.count <= 100)
    }
  }
}
