import Config
import Daemon
import Inputs
import Testing

@Suite struct ProcfsSettingsTests {
  @Test func `reads by default what the input reads by default`() {
    var expected = ProcfsConfiguration()
    // Of no pattern and of one that takes all, the latter can be added to.
    expected.disks.include = ["*"]
    expected.interfaces.include = ["*"]
    #expect(Settings.Procfs().configuration(named: "host") == expected)
  }

  @Test func `has a word for every collector`() {
    #expect(Settings.Collector.allCases.map(\.rawValue) == ProcfsCollector.allCases.map(\.rawValue))
  }

  @Test func `hands on patterns and units`() {
    var settings = Settings.Procfs()
    settings.includeFilesystems = ["/srv"]
    settings.excludeFilesystems = ["/tmp"]
    settings.includeSensors = ["a"]
    settings.excludeSensors = ["b"]
    settings.units = ["c.service"]
    settings.collectors = [.sensors, .units]
    let configuration = settings.configuration(named: "host")
    #expect(configuration.filesystems == NameFilter(include: ["/srv"], exclude: ["/tmp"]))
    #expect(configuration.sensors == NameFilter(include: ["a"], exclude: ["b"]))
    #expect(configuration.units == ["c.service"])
    #expect(configuration.collectors == [.sensors, .units])
  }
}
