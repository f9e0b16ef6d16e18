import CommandLine
import Detection
import Events
import Glibc
import Outputs
import Series
import Support
import Testing

@Suite struct TerminalOutputTests {
  @Test func `prints one readable line for each transition`() throws {
    let scratch = Scratch()
    let path = scratch.file("screen")
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    let output = TerminalOutput(
      name: "terminal",
      descriptor: descriptor,
      style: .plain,
      clock: noTime
    )
    output.emit(.opened(event()))
    output.emit(.closed(event(closedAfter: 20)))
    #expect(
      contents(path) == """
        2023-11-14T22:13:20.000Z ANOMALY \(event().explanation)
        2023-11-14T22:13:40.000Z normal  \(event(closedAfter: 20).closingExplanation)

        """
    )
    #expect(output.health.delivered == 2)
  }

  @Test func `colours only the state`() {
    let line = TerminalOutput.line(.opened(event()), style: Style(isEnabled: true))
    #expect(line.contains("\u{1B}[1;31mANOMALY\u{1B}[0m cpu.busy jumped"))
  }

  @Test func `shows the id of an event as text, whatever it contains`() {
    var event = event(cause: .evidence(.symbol))
    event.symbols = SymbolFacts(
      id: "17\u{1B}[2J\n2026-01-01T00:00:00Z normal", previous: "\u{9B}3", probability: 0.0001,
      expected: [.init(id: "\u{202E}4", probability: 0.9)], interval: nil, usualInterval: nil)
    let line = TerminalOutput.line(.opened(event), style: .plain)
    #expect(line.contains("17␛[2J␊2026-01-01T00:00:00Z normal after \u{FFFD}3 where \u{FFFD}4"))
    #expect(line.unicodeScalars.allSatisfy(PrintableText.isSafe))
  }

  @Test func `never waits for a pipe that nobody reads`() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    let output = TerminalOutput(
      name: "terminal", descriptor: ends[1], style: .plain, clock: noTime)
    for index in 0..<2000 { output.emit(.opened(event(index))) }
    #expect(output.health.delivered > 0)
    #expect(output.health.dropped > 0)
    #expect(output.health.delivered + output.health.dropped == 2000)
    #expect(output.health.lastError == "it is not being read")
  }

  @Test func `counts lines that cannot be printed and reports it once`() {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let output = TerminalOutput(
      name: "terminal",
      descriptor: full,
      style: .plain,
      clock: noTime
    )
    output.emit(.opened(event()))
    output.emit(.opened(event()))
    #expect(output.health.dropped == 2)
    #expect(output.drainNotices().count == 1)
  }
}
