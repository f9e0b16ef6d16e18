import Detection
import Events
import Glibc
import Outputs
import Series
import Support
import System
import Testing

@Suite struct JournalOutputTests {
  @Test func `an event carries every field`() {
    let record = JournalRecord(.closed(event(closedAfter: 20)))
    #expect(
      record.fields == [
        "MESSAGE=" + event(closedAfter: 20).closingExplanation, "PRIORITY=6",
        "SYSLOG_IDENTIFIER=anomalyd", "MESSAGE_ID=" + JournalMessageID.eventClosed.rawValue,
        "DOCUMENTATION=man:anomalyd(8)", "ANOMALYD_STEP_ID=\(event().id)-closed-1700000020000",
        "ANOMALYD_EVENT_ID=\(event().id)",
        "ANOMALYD_METRIC=cpu.busy", "ANOMALYD_STATE=closed", "ANOMALYD_SEVERITY=warning",
        "ANOMALYD_DIRECTION=high", "ANOMALYD_SINCE=2023-11-14T22:13:10.000Z",
        "ANOMALYD_OPENED=2023-11-14T22:13:20.000Z", "ANOMALYD_UNTIL=2023-11-14T22:13:40.000Z",
        "ANOMALYD_VALUE=97.125", "ANOMALYD_EXPECTED=12.5", "ANOMALYD_LOWER=8.0",
        "ANOMALYD_UPPER=17.0", "ANOMALYD_SCORE=4.250", "ANOMALYD_PEAK_SCORE=5.500",
        "ANOMALYD_PEAK_VALUE=99.5", "ANOMALYD_PEAK_AT=2023-11-14T22:13:25.000Z",
        "ANOMALYD_DURATION_SECONDS=30.000", "ANOMALYD_REASON=jump",
        "ANOMALYD_EXPLANATION=the value is far from the forecast",
      ]
    )
  }

  @Test func `an event is for information and a missing band has no field`() {
    let fields = JournalRecord(.opened(event(lower: .nan, upper: .nan))).fields
    #expect(fields.contains("PRIORITY=6"))
    #expect(fields.contains("MESSAGE_ID=" + JournalMessageID.eventOpened.rawValue))
    #expect(!fields.contains { $0.hasPrefix("ANOMALYD_LOWER") || $0.hasPrefix("ANOMALYD_UPPER") })
  }

  @Test(arguments: zip(Severity.allCases, [5, 4, 3, 2]))
  func `the severity of an incident is the priority, its events follow at 6`(
    severity: Severity, priority: Int
  ) {
    var event = event()
    event.severity = severity
    event.update = .worse
    for transition in [EventTransition.opened(event), .updated(event)] {
      #expect(JournalRecord(transition).fields.contains("PRIORITY=6"))
    }
    for transition in incident(event).dropLast() {
      #expect(JournalRecord(transition).fields.contains("PRIORITY=\(priority)"))
    }
    #expect(JournalRecord(incident(event)[1]).fields.contains("PRIORITY=5"))
    let fields = JournalRecord(.updated(event)).fields
    #expect(fields.contains("MESSAGE_ID=" + JournalMessageID.eventUpdated.rawValue))
    #expect(fields.contains("ANOMALYD_UPDATE=worse"))
    #expect(fields.contains("ANOMALYD_SEVERITY=\(severity.name)"))
  }

  @Test func `message ids are distinct 128-bit numbers`() {
    let ids = JournalMessageID.allCases.map(\.rawValue)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy { $0.isHexDigit } })
  }

  @Test(arguments: JournalMessageID.allCases)
  func `the catalog explains each message id`(id: JournalMessageID) {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let catalog = contents("/" + root + "/systemd/anomalyd.catalog")
    #expect(catalog.contains("\n-- \(id.rawValue)\nSubject: "))
  }

  @Test func `entries wait while journald is unavailable and are sent in order`() {
    var away = true
    var sent: [JournalRecord] = []
    let output = JournalOutput(name: "journal", maximumWaiting: 2, clock: noTime) {
      (record) throws(JournalError) in
      if away { throw .refused(errno: Errno(ECONNREFUSED)) }
      sent.append(record)
    }
    for index in 0..<3 { output.emit(.opened(event(index))) }
    #expect(output.health.waiting == 2)
    #expect(output.health.dropped == 1)
    #expect(output.health.failures == 3)
    #expect(output.health.lastError == "journald did not accept the entry: Connection refused")
    #expect(output.health.isFailing)
    #expect(output.drainNotices().map(\.severity) == [.warning], "about the dropped one")
    away = false
    output.flush()
    #expect(sent == [JournalRecord(.opened(event(1))), JournalRecord(.opened(event(2)))])
    #expect(output.health.waiting == 0)
    #expect(output.health.delivered == 2)
    #expect(!output.health.isFailing)
    output.emit(.opened(event(3)))
    #expect(output.drainNotices().isEmpty)
  }
}
