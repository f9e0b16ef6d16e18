import FoundationEssentials
import Settings
import Testing

/// `etc/anomalyd.conf` is generated: `REGENERATE=1 swift test --filter DefaultFileTests` writes it.
@Suite struct DefaultFileTests {
  private let path =
    #filePath.replacing("Tests/SettingsTests/DefaultFileTests.swift", with: "")
    + "etc/anomalyd.conf"

  @Test func `the committed file is the generated one`() throws {
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try Data(Settings.defaultFile.utf8).write(to: URL(filePath: path))
    }
    let committed = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    #expect(committed == Settings.defaultFile, "REGENERATE=1 writes it anew")
  }

  @Test func `reads back as the defaults`() throws {
    let settings = try Scratch.load(Settings.defaultFile)
    var expected = Settings()
    expected.files = settings.files
    #expect(settings == expected)
  }

  @Test func `every default is a value that its key takes`() throws {
    for key in SettingsKey.all where !key.defaultText.isEmpty {
      let name = ["Agent", "Detector"].contains(key.section) ? "" : " x"
      let type = key.type.map { "Type=\($0)\n" } ?? ""
      let path = key.type == "csv" || key.type == "file" ? "Path=/x\n" : ""
      _ = try Scratch.load(
        "[\(key.section)\(name)]\n\(type)\(path)\(key.name)=\(key.defaultText)\n"
      )
    }
  }

  @Test func `names every key with its default`() {
    for key in SettingsKey.all {
      #expect(Settings.defaultFile.contains("\n#\(key.name)=\(key.defaultText)\n"))
    }
  }

  @Test func `has no comment of more than 100 columns`() {
    for line in Settings.defaultFile.split(separator: "\n") where line.hasPrefix("# ") {
      #expect(line.count <= 100)
    }
  }
}
