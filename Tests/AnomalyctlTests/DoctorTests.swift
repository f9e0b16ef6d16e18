import CommandLine
import Control
import ControlSupport
import Series
import Testing
import anomalyctl

@Suite struct DiagnosisTests {
  private func problems(_ diagnosis: Diagnosis) -> [String] {
    diagnosis.findings.filter { $0.grade == .problem }.map(\.subject)
  }

  private func advice(_ diagnosis: Diagnosis) -> [String] {
    diagnosis.findings.filter { $0.grade == .advice }.map(\.subject)
  }

  private var healthy: Diagnosis {
    var reply = well
    reply.version = Product.version
    var diagnosis = Diagnosis(status: .success(reply))
    diagnosis.mayChange = true
    diagnosis.memory = ("up to 76 MB", true)
    diagnosis.state = ("/var/lib/anomalyd", 1e10, 5e9)
    diagnosis.isClockSynchronised = true
    return diagnosis
  }

  @Test func `a healthy host has no problem, and is advised to configure notification`() {
    #expect(problems(healthy).isEmpty)
    #expect(advice(healthy) == ["outputs"])
  }

  @Test func `says what to do about each problem of the daemon`() {
    var reply = ill
    reply.version = Product.version
    let diagnosis = Diagnosis(status: .success(reply))
    #expect(Set(problems(diagnosis)) == ["daemon", "input furnace", "output events", "metrics"])
    #expect(diagnosis.findings.allSatisfy { $0.grade == .good || $0.remedy != nil })
  }

  @Test func `lists the daemon's problems, and reports none of their subjects as good`() {
    var reply = well
    reply.version = Product.version
    reply.checkpoint?.restored = RestoreStatus(
      saved: moment(-60), metrics: 3, lost: 0, firstLost: nil, fallback: "the newest is damaged")
    reply.record = RecordStatus(
      events: 1, bytes: 1, waiting: 2, dropped: 0, lastError: "write failed: disk full")
    let findings = Diagnosis(status: .success(reply)).findings
    let state = findings.filter { $0.subject.contains("state") || $0.subject == "event history" }
    #expect(state.map(\.grade) == [.problem, .advice])
    #expect(state.map(\.subject) == ["event history", "saved state"])
    #expect(state[1].found == "the newest is damaged")
  }

  @Test func `a daemon that does not answer is a problem with the usual advice`() {
    var diagnosis = healthy
    diagnosis.status = .failure(CommandFailure("no daemon answers\nStart it."))
    let finding = diagnosis.findings.first { $0.subject == "daemon" }
    #expect(finding == .problem("daemon", "no daemon answers", "Start it."))
  }

  @Test
  func `each configuration error is a problem, and a changed configuration must be reloaded`() {
    var diagnosis = healthy
    diagnosis.configurationFiles = [("/etc/anomalyd/anomalyd.conf", moment(-300_000))]
    #expect(diagnosis.findings[0].grade == .good)
    diagnosis.configurationFiles[0].changed = moment(-10)
    #expect(diagnosis.findings[0].grade == .advice)
    diagnosis.configurationErrors = ["a.conf:1: one", "a.conf:2: two"]
    #expect(diagnosis.findings.prefix(2).map(\.found) == ["a.conf:1: one", "a.conf:2: two"])
  }

  @Test func `judges disk, memory, clock, journal and rights`() {
    var diagnosis = healthy
    diagnosis.state = ("/var/lib/anomalyd", 1e10, 5e7)
    diagnosis.memory = ("up to 3 GB, but the host's memory is 1 GB", false)
    diagnosis.isClockSynchronised = false
    diagnosis.journal = (true, false)
    diagnosis.mayChange = false
    #expect(problems(diagnosis) == ["disk"])
    #expect(advice(diagnosis) == ["access", "outputs", "memory", "clock", "journal"])
    diagnosis.journal = (false, false)
    #expect(problems(diagnosis) == ["disk", "journal"])
  }

  @Test func `messages that were never sent point to the unit that sends them`() {
    var reply = well
    reply.outputs[0].delivery = message(
      """
      {"waiting": 3, "delivered": 0, "attempts": 0, "failures": 0, "refused": 0, "kept": 0,
       "expired": 0, "tests": []}
      """)
    let finding = Diagnosis(status: .success(reply)).findings.first { $0.grade == .problem }
    #expect(finding?.remedy?.contains("anomalyd-webhook.path") == true)
  }

  @Test func `a report fits the terminal and shows remedies below`() {
    var diagnosis = healthy
    diagnosis.isClockSynchronised = false
    let lines = DoctorReport(findings: diagnosis.findings).lines(Console(width: 60))
    #expect(lines.allSatisfy { Layout.columns($0) <= 60 })
    let clock = lines.firstIndex { $0.hasPrefix("-> clock") } ?? 0
    #expect(clock > 0 && lines[clock...].prefix(3).contains { $0.contains("systemd-timesyncd") })
  }
}
