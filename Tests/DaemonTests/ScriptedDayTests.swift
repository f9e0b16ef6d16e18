import Events
import FoundationEssentials
import Monitor
import Series
import Support
import Testing

/// What a person is notified of on a day on which a host is booted, upgraded and backed up, builds,
/// and fails: `Tests/EndToEnd/day.py` with its work recorded on a real host, under the default
/// configuration.
@Suite struct ScriptedDayTests {
  private static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/day.gz").path

  /// The expected result of a fault.
  private struct Fault: Sendable {
    var label: String
    /// The metrics that may lead its incident.
    var leads: [String]
    var severity: Severity
    /// Whether its unit is named with its usage.
    var names: @Sendable (Attribution) -> Bool
  }

  private static let faults = [
    Fault(label: "full-disk", leads: ["filesystem./var/lib/app.used_ratio"], severity: .critical) {
      ($0.writeRate ?? 0) > 5e6
    },
    Fault(
      label: "leak",
      leads: ["memory.used_ratio", "memory.out_of_memory_kills_per_second"], severity: .critical
    ) { ($0.memory ?? 0) > 1e9 },
    Fault(label: "flood", leads: ["udp.receive_buffer_errors_per_second"], severity: .warning) {
      ($0.cpu ?? 0) > 0.5
    },
    Fault(
      label: "runaway", leads: ["cpu.busy", "pressure.cpu.some"], severity: .warning
    ) { ($0.cpu ?? 0) > 1.5 },
  ]
  private static let harmless = ["boot", "upgrade", "build", "backup"]

  private static func day() throws -> ScriptedDay {
    let day = try ScriptedDay(HostRecording(path: path), interval: .seconds(5))
    try day.play("boot")
    for (hour, label) in [
      (4, "upgrade"), (7, "build"), (10, "backup"), (12.5, "full-disk"), (15, "leak"),
      (17.5, "flood"), (20, "runaway"),
    ] {
      try day.calm(until: hour)
      try day.play(label)
    }
    try day.calm(until: 22.5)
    try day.reboot()
    try day.calm(until: 24)
    return day
  }

  @Test func `every fault is one incident, harmless work at most one warning`() throws {
    let day = try Self.day()
    for line in day.table { print(line) }
    let incidents = day.incidents
    for fault in Self.faults {
      let found = incidents[fault.label] ?? []
      #expect(found.count == 1, "\(fault.label)")
      guard let incident = found.first else { continue }
      #expect(fault.leads.contains(incident.lead?.metric.text ?? ""), "\(fault.label)")
      #expect(incident.severity == fault.severity, "\(fault.label)")
      let unit = incident.attributions.first { $0.unit == "\(fault.label).service" }
      #expect(unit.map(fault.names) ?? false, "\(fault.label): \(incident.attributions)")
      #expect(incident.state == .over, "\(fault.label)")
    }
    for label in Self.harmless {
      let found = incidents[label] ?? []
      #expect(found.count <= 1, "\(label)")
      #expect(found.allSatisfy { $0.severity <= .warning }, "\(label)")
      #expect(found.allSatisfy { $0.state == .over }, "\(label)")
    }
    #expect(incidents["calm"] == nil)
    let units = Set(incidents.values.joined().flatMap(\.attributions).map(\.unit))
    #expect(!units.contains("sink.service"))
    let critical = incidents.filter { $0.value.contains { $0.severity == .critical } }.keys
    #expect(Set(critical) == ["full-disk", "leak"])
    // One message an event, as before there were incidents, and what webhooks send.
    #expect(day.eventMessages.count >= 4 * day.pages.count)
    #expect(day.pages.count <= 16)
  }
}
