import CommandLine
import Control
import Events
import Glibc
import Series

extension Command {
  /// `anomalyctl events`.
  package static let events = Command(
    Usage(
      command: "anomalyctl events",
      summary: "List past events, follow new ones, or show one in full",
      details: """
        Incidents consist of events, each of one metric; outputs are notified of incidents. Events \
        are listed newest first, with their latest step. ID is an event's id, or a unique prefix \
        or suffix of it; the list shows the last eight characters. With --follow, the latest ten \
        are listed, oldest first, followed by each step as it happens, until Ctrl-C. The daemon \
        retains as many events as fit into EventRecordBytes=.
        """,
      arguments: [.init("EVENT", .optional, help: "Show this event in full")],
      options: [
        .value("metric", short: "m", "PATTERN", help: "Only events of matching metrics; quote it"),
        .value(
          "since", short: "S", "TIME",
          help: "Only events since a time: 2h, today, 2026-11-20 "
            + "14:00"),
        .flag("open", short: "o", help: "Only open events"),
        .choice(
          "severity", Severity.allCases.map(\.name),
          help: "Only events at least as severe"),
        .value(
          "lines", short: "n", "N",
          help: "At most N events (default: 100, with --since all; 0: all)"
        ),
        .flag("follow", short: "f", help: "Continue with each step as it happens"),
        CollectedSteps.directoryOption, DaemonAccess.jsonOption, DaemonAccess.socketOption,
        Pager.option,
      ],
      examples: [
        .init(
          "anomalyctl events --since yesterday --severity error",
          "Severe events of the last few "
            + "days."),
        .init("anomalyctl events 3f2a91c4", "One event in full."),
        .init(
          "anomalyctl events --follow --json | jq -r .sentence",
          "One sentence per step as it happens."
        ),
      ],
      json: """
        Type RecordedEvent of io.anomalyd(7), one per line; for a single event, the reply of \
        ShowEvent. With --directory: host, id, state, severity, metric, began, opened, until, \
        sentence.
        """
    )
  ) { arguments, console in
    if let id = arguments.positional.first {
      for option in ["metric", "since", "open", "severity", "lines", "follow", "directory"]
      where arguments.has(option) {
        throw UsageError.conflict("--\(option) applies to lists and cannot be combined with ID")
      }
      return try EventsCommand.show(id, arguments, console)
    }
    if arguments.has("directory") {
      return try CollectedSteps.list(
        .events, arguments, console, usualLines: EventsCommand.usualLines)
    }
    let request = try EventsCommand.request(arguments)
    if arguments.has("follow") {
      try EventsCommand.follow(request, arguments, console)
    } else {
      try EventsCommand.list(request, arguments, console)
    }
  }
}

private enum EventsCommand {
  /// Events in a list by default.
  static let usualLines = 100
  /// Events listed before following.
  static let linesBeforeFollowing = 10

  static func request(_ arguments: Arguments) throws(UsageError) -> EventListRequest {
    var request = EventListRequest(
      pattern: arguments.value("metric"),
      open: arguments.has("open") ? true : nil,
      severity: arguments.value("severity").flatMap { Severity(name: $0) }
    )
    request.since = try SinceTime.option(arguments)
    let lines = try arguments.integer("lines", in: 0...Int.max)
    let usual =
      arguments.has("follow") ? linesBeforeFollowing : request.since == nil ? usualLines : 0
    request.limit = (lines ?? usual) == 0 ? nil : lines ?? usual
    return request
  }

  static func list(
    _ request: EventListRequest, _ arguments: Arguments, _ console: Console
  ) throws {
    var events: [RecordedEventMessage] = []
    try ask(request, arguments) { client throws(ControlClientError) in
      try client.listEvents(request) { events += $0.events }
    }
    if arguments.has("json") {
      try console.write(lines: events.map { MessageJSON.line($0) })
    } else if events.isEmpty {
      console.note(
        "no event \(request == EventListRequest(limit: request.limit) ? "yet" : "matches")\n")
    } else {
      let report = EventsReport(events: events, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
      if events.count == request.limit, !arguments.has("lines") {
        console.note("the newest \(events.count); '--lines 0' lists all\n")
      }
    }
  }

  static func follow(
    _ request: EventListRequest, _ arguments: Arguments, _ console: Console
  ) throws {
    let signals = SignalInterruption([SIGINT, SIGTERM])
    defer { withExtendedLifetime(signals) {} }
    var interruptions = [Interruption(STDOUT_FILENO, whenReadable: false)]
    if let signals { interruptions.append(signals.interruption) }
    var failure: CommandFailure?
    func show(_ events: [RecordedEventMessage]) -> Bool {
      do throws(CommandFailure) {
        try console.write(
          lines: events.map {
            arguments.has("json")
              ? MessageJSON.line($0) : EventsReport.line($0, style: console.style)
          })
        return true
      } catch {
        failure = error
        return false
      }
    }
    try ask(request, arguments) { client throws(ControlClientError) in
      var before: [RecordedEventMessage] = []
      var following = request
      try client.listEvents(request) {
        before += $0.events
        following.after = following.after ?? $0.step
      }
      guard show(before.reversed()) else { return }
      try client.followEvents(following, until: interruptions) { show($0.events) }
    }
    if let failure { throw failure }
  }

  static func show(_ id: String, _ arguments: Arguments, _ console: Console) throws {
    let detail = try EventID.ask(about: id, arguments) {
      client throws(ControlClientError) in try client.showEvent(id)
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(detail) + "\n")
    } else {
      let report = EventReport(detail: detail, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }

  private static func ask(
    _ request: EventListRequest, _ arguments: Arguments,
    _ body: (ControlClient) throws(ControlClientError) -> Void
  ) throws {
    let isPattern = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      do throws(ControlClientError) {
        try body(client)
        return true
      } catch .refused(.invalidParameter("pattern")) {
        return false
      }
    }
    if !isPattern { throw MetricPattern.refusal(of: request.pattern ?? "") }
  }
}

/// The id argument of some commands.
enum EventID {
  /// Queries the daemon about an event or an incident, and explains errors about its id.
  static func ask<Answer>(
    about id: String, _ arguments: Arguments,
    _ body: (ControlClient) throws(ControlClientError) -> Answer
  ) throws -> Answer {
    let answer = try DaemonAccess.ask(arguments) {
      client throws(ControlClientError) -> Answer? in
      do throws(ControlClientError) {
        return try body(client)
      } catch .refused(.invalidParameter("id")) {
        return nil
      }
    }
    guard let answer else {
      throw UsageError.invalidValue(
        of: "ID", value: id,
        expected: "an id, or a prefix or suffix of at least 4 characters",
        suggestion: nil)
    }
    return answer
  }
}
