import FoundationEssentials
import Series
import Testing

@Suite struct PackageTests {
  @Test func `the Debian packages have the version of the programs`() throws {
    let changelog = try String(
      contentsOf: ImportRulesTests.sources.deletingLastPathComponent()
        .appending(path: "packaging/debian/changelog"), encoding: .utf8)
    #expect(changelog.hasPrefix("anomalyd (\(Product.version)-"))
  }
}
