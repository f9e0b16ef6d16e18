import Daemon
import Testing

@Suite struct LogTests {
  @Test func `prints plain lines with the program's name`() {
    var lines: [String] = []
    let log = Log(.plain) { lines.append($0) }
    log.warning("first\nsecond")
    #expect(lines == ["anomalyd: first\nsecond"])
  }

  @Test func `passes each line to journald with its priority`() {
    var lines: [String] = []
    let log = Log(.journal) { lines.append($0) }
    log.error("a\nb")
    log.warning("c")
    log.notice("d")
    log.info("e")
    #expect(lines == ["<3>a", "<3>b", "<4>c", "<5>d", "<6>e"])
  }
}
