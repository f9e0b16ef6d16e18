import CommandLine
import Control
import Events
import Series

extension Command {
  /// `anomalyctl incidents`.
  package static let incidents = Command(
    Usage(
      command: "anomalyctl incidents",
      summary: "List past and present incidents, or show one in full",
      details: """
        An incident is a group of events that overlap in time, led by the most telling one; \
        outputs are notified of incidents. They are listed newest first, with their latest \
        message. INCIDENT is an incident's id, or a unique prefix or suffix of it; messages and \
        the list show the last four characters. 'anomalyctl events' lists the events they consist \
        of.
        """,
      arguments: [
        .init("INCIDENT", .optional, help: "Show this incident in full, with its events")
      ],
      options: [
        .value(
          "since", short: "S", "TIME",
          help: "Only incidents since a time: 2h, today, 2026-11-20 14:00"),
        .flag("open", short: "o", help: "Only open incidents"),
        .choice(
          "severity", Severity.allCases.map(\.name), help: "Only incidents at least as severe"),
        .value(
          "lines", short: "n", "N",
          help: "At most N incidents (default: 20, with --since all; 0: all)"),
        CollectedSteps.directoryOption, DaemonAccess.jsonOption, DaemonAccess.socketOption,
        Pager.option,
      ],
      examples: [
        .init("anomalyctl incidents --since yesterday", "What happened since yesterday."),
        .init("anomalyctl incidents 7d2f", "One incident with its events."),
        .init(
          "anomalyctl incidents --open --json | jq -r .sentence", "One sentence per open incident."),
      ],
      json: """
        Type IncidentSummary of io.anomalyd(7), one per line; for a single incident, the reply of \
        ShowIncident. With --directory: host, id, state, severity, metric, began, opened, until, \
        sentence.
        """
    )
  ) { arguments, console in
    if let id = arguments.positional.first {
      for option in ["since", "open", "severity", "lines", "directory"] where arguments.has(option)
      {
        throw UsageError.conflict("--\(option) applies to lists and cannot be combined with ID")
      }
      return try show(id, arguments, console)
    }
    if arguments.has("directory") {
      return try CollectedSteps.list(.incidents, arguments, console, usualLines: usualLines)
    }
    var request = IncidentListRequest(
      open: arguments.has("open") ? true : nil,
      severity: arguments.value("severity").flatMap { Severity(name: $0) })
    request.since = try SinceTime.option(arguments)
    let usual = request.since == nil ? usualLines : 0
    let lines = try arguments.integer("lines", in: 0...Int.max) ?? usual
    request.limit = lines == 0 ? nil : lines
    var incidents: [IncidentMessage] = []
    try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.listIncidents(request) { incidents += $0.incidents }
    }
    if arguments.has("json") {
      try console.write(lines: incidents.map { MessageJSON.line($0) })
    } else if incidents.isEmpty {
      let isAll = request == IncidentListRequest(limit: request.limit)
      console.note("no incident \(isAll ? "yet" : "matches")\n")
    } else {
      let report = IncidentsReport(incidents: incidents, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
      if incidents.count == request.limit, !arguments.has("lines") {
        console.note("the newest \(incidents.count); '--lines 0' lists all\n")
      }
    }
  }

  /// Incidents in a list by default.
  private static let usualLines = 20

  private static func show(_ id: String, _ arguments: Arguments, _ console: Console) throws {
    let detail = try EventID.ask(about: id, arguments) {
      client throws(ControlClientError) in try client.showIncident(id)
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(detail) + "\n")
    } else {
      let report = IncidentReport(detail: detail, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}
