import FoundationEssentials
import Inputs
import Testing

/// Names of metrics are what settings, models on disk and people's habits hold on to: a change
/// here is a change for all of them.
@Suite struct ProcfsNamesTests {
  @Test func `keeps the names of a whole host`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input()
    host.poll(input)
    let stat = try host.read("proc/stat")
    try host.write("proc/stat", stat.replacing("cpu  1023401", with: "cpu  1023901"))
    let golden = FakeHost.fixtures.appending(path: "linux-5.15.metrics")
    let expected = String(decoding: try Data(contentsOf: golden), as: UTF8.self)
    let found = host.poll(input).keys.sorted().joined(separator: "\n") + "\n"
    #expect(found == expected)
  }
}
