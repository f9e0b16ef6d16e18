package import CommandLine
import Control
package import Events
import Outputs
package import Series
import System

/// Events or incidents of several hosts, from journals that were collected in one place.
///
/// Contains only what the journal output has written: no samples, silences or feedback.
package struct CollectedSteps {
  /// What is listed.
  package enum Kind {
    /// Events, each of one metric.
    case events
    /// Incidents, which consist of events.
    case incidents

    fileprivate var messages: [JournalMessageID] {
      switch self {
      case .events: [.eventOpened, .eventUpdated, .eventClosed]
      case .incidents: [.incidentOpened, .incidentWorsened, .incidentClosed]
      }
    }

    fileprivate var identity: String {
      self == .events ? "ANOMALYD_EVENT_ID" : "ANOMALYD_INCIDENT_ID"
    }
  }

  /// The latest step of one of them.
  package struct Step: Codable, Equatable, Sendable {
    /// The host's name according to its journal.
    package var host: String
    /// Its id on that host.
    package var id: String
    /// `opened`, `updated`, `worsened` or `closed`.
    package var state: String
    /// The name of its severity.
    package var severity: String
    /// The metric; for an incident that of its lead.
    package var metric: String
    /// When it began.
    package var began: String
    /// When it opened.
    package var opened: String
    /// When it was normal again; nil while it is open.
    package var until: String?
    /// The message of that step.
    package var sentence: String

    /// A step from the fields of a journal entry; nil if one is missing.
    /// - Parameter identity: the field with the id.
    package init?(identity: String, _ field: (String) -> String?) {
      guard let id = field(identity), let state = field("ANOMALYD_STATE"),
        let severity = field("ANOMALYD_SEVERITY"), let began = field("ANOMALYD_SINCE"),
        let opened = field("ANOMALYD_OPENED"), let sentence = field("MESSAGE")
      else { return nil }
      (self.id, self.state, self.severity, self.sentence) = (id, state, severity, sentence)
      (self.began, self.opened, until) = (began, opened, field("ANOMALYD_UNTIL"))
      host = field("_HOSTNAME") ?? "-"
      metric = field("ANOMALYD_METRIC") ?? "-"
    }
  }

  /// Which ones are listed; all by default.
  package struct Filter {
    /// Names of metrics.
    package var metrics: Glob?
    /// Those that opened at or after this time.
    package var since: Timestamp?
    /// Only those that are open.
    package var isOpen = false
    /// At least as severe.
    package var severity = Severity.info
    /// Maximum number shown, the newest ones; nil: all.
    package var limit: Int?

    package init() {}

    fileprivate func accepts(_ step: Step) -> Bool {
      if isOpen, step.until != nil { return false }
      if let severity = Severity(name: step.severity), severity < self.severity { return false }
      if let metrics, !metrics.matches(step.metric) { return false }
      guard let since, let opened = SinceTime.date(step.opened) else { return true }
      return opened >= since
    }
  }

  private var latest: [String: Step] = [:]

  package init() {}

  /// The latest steps in the journals of a directory.
  package init(_ kind: Kind, directory: String) throws(CommandFailure) {
    do throws(Errno) {
      let journals = try JournalFiles(directory: directory)
      try journals.match("MESSAGE_ID", kind.messages.map(\.rawValue))
      try journals.forEach { entry in
        if let step = Step(identity: kind.identity, { entry.field($0) }) { add(step) }
      }
    } catch {
      throw CommandFailure("cannot read the journals in \(Layout.printable(directory)): \(error)")
    }
  }

  /// Adds a step later than all previous ones.
  package mutating func add(_ step: Step) {
    // Cloned hosts may derive the same ids.
    latest["\(step.host) \(step.id)"] = step
  }

  /// Those that the filter accepts, newest first.
  package func list(_ filter: Filter) -> [Step] {
    let sorted = latest.values.filter { filter.accepts($0) }
      .sorted { ($0.opened, $0.host, $0.id) > ($1.opened, $1.host, $1.id) }
    return Array(sorted.prefix(filter.limit ?? .max))
  }

  /// Prints those in the directory of ``directoryOption`` that match a command line.
  /// - Parameter usualLines: maximum number listed unless the command line sets another.
  static func list(
    _ kind: Kind, _ arguments: Arguments, _ console: Console, usualLines: Int
  ) throws {
    for option in ["follow", "socket"] where arguments.has(option) {
      throw UsageError.conflict(
        "--\(option) queries the daemon and cannot be combined with --directory")
    }
    var filter = Filter()
    if let pattern = arguments.value("metric") {
      guard let metrics = Glob(pattern) else { throw MetricPattern.refusal(of: pattern) }
      filter.metrics = metrics
    }
    filter.since = try SinceTime.option(arguments)
    filter.isOpen = arguments.has("open")
    filter.severity = arguments.value("severity").flatMap { Severity(name: $0) } ?? .info
    let lines =
      try arguments.integer("lines", in: 0...Int.max) ?? (filter.since == nil ? usualLines : 0)
    filter.limit = lines == 0 ? nil : lines
    let collected = try CollectedSteps(kind, directory: arguments.value("directory") ?? "")
    let steps = collected.list(filter)
    if arguments.has("json") {
      try console.write(lines: steps.map { MessageJSON.line($0) })
    } else if steps.isEmpty {
      console.note("none \(collected.latest.isEmpty ? "in these journals" : "matches")\n")
    } else {
      let now = DaemonAccess.now()
      try console.write(
        lines: CollectedSteps.lines(steps, now: now, width: console.width, style: console.style))
    }
  }

  /// The option that selects journals instead of the daemon.
  static let directoryOption = Option.value(
    "directory", short: "D", "PATH",
    help: "Read journals of several hosts, such as those in /var/log/journal/remote, instead of "
      + "querying the daemon")

  /// The list in lines, heading first.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package static func lines(
    _ steps: [Step], now: Timestamp, width: Int? = nil, style: Style = .plain
  ) -> [String] {
    var table = Table([
      .text("opened"), .text("for").optional(1), .text("severity"), .name("host"),
      .text("what", yields: true), .text("id"),
    ])
    for step in steps {
      let opened = SinceTime.date(step.opened)
      let span = SinceTime.date(step.began).flatMap { began in
        step.until.flatMap { SinceTime.date($0) }.map { Phrases.span($0.seconds - began.seconds) }
      }
      table.add([
        Table.Cell(
          opened.map { Phrases.date($0) } ?? step.opened,
          short: opened.map { Phrases.shortDate($0, now: now) }),
        Table.Cell(step.until == nil ? "open" : span ?? "-", step.until == nil ? .bad : nil),
        Table.Cell(step.severity, Severity(name: step.severity).flatMap { EventsReport.tint($0) }),
        Table.Cell(step.host),
        Table.Cell(step.sentence),
        Table.Cell(String(step.id.suffix(8)), .faint),
      ])
    }
    return table.lines(width: width, style: style)
  }
}
