import Daemon
import Testing

@Suite struct LogTests {
  @Test func `prints plain lines with the program's name`() {
    var lines: [String] = []
    let log = Log(.plain) { lines.append($0) }
    log.error("first", details: ["second"])
    #expect(lines == ["anomalyd: first\nsecond"])
  }

  @Test func `passes each line to journald with its priority`() {
    var lines: [String] = []
    let log = Log(.journal) { lines.append($0) }
    log.error("a", details: ["b"])
    log.warning("c")
    log.notice("d")
    log.info("e")
    #expect(lines == ["<3>a", "<3>b", "<4>c", "<5>d", "<6>e"])
  }

  @Test(arguments: [Log.Destination.plain, .journal])
  func `external text begins no line and controls no terminal`(to: Log.Destination) {
    var lines: [String] = []
    let log = Log(to) { lines.append($0) }
    log.warning("/srv/a\n<0>forged\u{1B}[2J\u{2028}\u{202E}.csv: cannot open")
    log.error("bad:", details: ["x.conf:1: [a\u{1B}c\r\nd]"])
    let text = lines.joined(separator: "|")
    #expect(text.contains("/srv/a␊<0>forged␛[2J\u{FFFD}\u{FFFD}.csv: cannot open"))
    #expect(text.contains("[a␛c␍␊d]"))
    #expect(lines.count == (to == .plain ? 2 : 3))
  }
}
