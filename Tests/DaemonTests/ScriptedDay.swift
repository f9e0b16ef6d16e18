import Calendar
import Config
import Daemon
import Events
import Glibc
import Inputs
import Monitor
import Series
import Support

/// A day on a recorded host, monitored as the daemon does: with the real collectors, the monitor
/// under the default configuration, and the survey of units.
final class ScriptedDay {
  /// What happens, and when.
  struct Happening {
    var label: String
    var from: Timestamp
    var until: Timestamp
  }

  let host: RecordedHost
  let monitor: HostMonitor
  private(set) var happenings: [Happening] = []
  private(set) var steps: [Step] = []

  private let settings: Settings
  private let loop: EventLoop
  private let surveyor: UnitSurveyor?
  private let sink: InputSink
  private var input: ProcfsInput
  private let section: ProcfsSection
  private let midnight: Timestamp
  private var second = 0
  private var random = UInt64(88_172_645_463_325_252)

  /// - Parameter interval: of the input.
  init(_ recording: HostRecording, interval: Duration) throws {
    let host = RecordedHost(recording)
    self.host = host
    midnight = host.now
    host.pass(recording.seconds(of: "calm").lowerBound)
    try host.show()
    var section = ProcfsSection()
    section.rootPath = host.root.path
    section.interval = interval
    // Open files are counted for the whole host, including neighbours: they are not recorded.
    section.collectors.remove("files")
    self.section = section
    var settings = Settings(.all)
    settings.inputs = [Settings.Component(name: "host", section: section)]
    self.settings = settings
    monitor = settings.makeMonitor(hostSeed: 1, silences: SilenceBook(local: .utc))
    monitor.setTime(host.now, awake: host.awake)
    sink = InputSink(monitor, input: "host")
    loop = try EventLoop()
    var options = Daemon.Options()
    options.clock = { [host] in host.now }
    options.awakeClock = { [host] in host.awake }
    options.log = Log(.plain) { _ in }
    surveyor = UnitSurveyor(settings, of: monitor, on: loop, options: options)
    input = ProcfsInput(
      name: "host", configuration: section, monotonicClock: { [host] in host.awake },
      calls: host.calls)
  }

  /// No work until a time of day, in pieces of the recorded seconds, the same at each call.
  func calm(until hour: Double) throws {
    let recorded = host.recording.seconds(of: "calm")
    var left = Int(
      midnight.advanced(by: .seconds(hour * 3600)).elapsed(since: host.now).components.seconds)
    while left > 0 {
      let length = min(left, 20)
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      let room = UInt64(max(1, recorded.count - length - 1))
      let start = recorded.lowerBound + 1 + Int(random % room)
      for second in start..<(start + length) { try pass(second) }
      left -= length
    }
  }

  /// A recorded phase.
  func play(_ label: String) throws {
    let from = host.now
    let seconds = host.recording.seconds(of: label)
    for second in seconds { try pass(second) }
    happenings.append(Happening(label: label, from: from, until: host.now))
  }

  /// The host reboots; the daemon continues with its learnt state.
  func reboot() throws {
    host.reboot()
    input = ProcfsInput(
      name: "host", configuration: section, monotonicClock: { [host] in host.awake },
      calls: host.calls)
    try play("boot")
  }

  private func pass(_ recorded: Int) throws {
    host.pass(recorded)
    second += 1
    let isDue = second % Int(section.interval.components.seconds) == 0
    let surveys = second % 15 == 0
    if isDue || surveys || monitor.incidents.contains(where: { $0.state == .settling }) {
      try host.show()
    }
    monitor.setTime(host.now, awake: host.awake)
    if surveys { surveyor?.start() }
    if isDue { _ = input.poll(now: host.now, into: sink) }
    monitor.keepHouse()
    surveyor?.attend()
    while surveyor?.isPassing ?? false { surveyor?.advance() }
    steps += monitor.takeSteps()
  }

  // MARK: Outcome

  /// The steps of incidents.
  var messages: [IncidentTransition] {
    steps.compactMap { step in
      if case .incident(let transition) = step { transition } else { nil }
    }
  }

  /// Steps of events that an output without a lowest severity would have carried one by one.
  var eventMessages: [EventTransition] {
    steps.compactMap(\.event).filter { $0.mutedBy == nil }.map(\.transition)
  }

  /// What is reported to a person: webhooks leave out `info`.
  var pages: [IncidentTransition] { messages.filter { $0.incident.severity >= .warning } }

  /// The incidents that opened while something happened, in their last state, by label; `calm` for
  /// those that opened while nothing did.
  var incidents: [String: [Incident]] {
    var last: [EventID: Incident] = [:]
    var order: [EventID] = []
    for incident in messages.map(\.incident) {
      if last[incident.id] == nil { order.append(incident.id) }
      last[incident.id] = incident
    }
    var result: [String: [Incident]] = [:]
    for incident in order.compactMap({ last[$0] }) {
      result[label(at: incident.opened), default: []].append(incident)
    }
    return result
  }

  /// The summary of the day, in the columns of docs/host-metrics.md.
  var table: [String] {
    let labels = Set(happenings.map(\.label)).sorted { first(of: $0) < first(of: $1) } + ["calm"]
    let incidents = incidents
    var lines = labels.map { label in
      let found = incidents[label] ?? []
      let ids = Set(found.map(\.id))
      let events = eventMessages.count { $0.event.incident.map { ids.contains($0.id) } ?? false }
      let messages = pages.count { ids.contains($0.incident.id) }
      let what = found.map { incident in
        let units = incident.attributions.map(\.unit).joined(separator: ", ")
        return "\(incident.severity.name), \(incident.headline)\(units.isEmpty ? "" : "; \(units)")"
      }
      return
        "| \(label) | \(what.isEmpty ? "-" : what.joined(separator: " / ")) | \(events) | \(messages) |"
    }
    lines.append("| the day | | \(eventMessages.count) | \(pages.count) |")
    return lines
  }

  private func first(of label: String) -> Timestamp {
    happenings.first { $0.label == label }?.from ?? host.now
  }

  func label(at moment: Timestamp) -> String {
    happenings.last { $0.from <= moment && moment <= $0.until }?.label ?? "calm"
  }
}
