import CommandLine
import Config
import Detection
import Evaluation
import Events
import FoundationEssentials
import Outputs
import Series

/// The results of `anomalyctl backtest`, for people and for scripts.
struct BacktestReport: Sendable {
  /// What was found.
  var result: BacktestResult
  /// The settings used.
  var settings: Settings
  /// From start to end.
  var elapsed: Duration

  /// The messages that outputs would have received, a table of the events, then a summary.
  func text(_ console: Console) -> [String] {
    let events = result.outcome.events
    guard !events.isEmpty else { return [summary] }
    // If a sentence does not fit, a word stands for it and is explained below.
    let isWide = (console.width ?? .max) >= BacktestReport.wide
    let hasMetrics = result.outcome.metrics.count > 1
    let hasMuted = events.contains { $0.mutedBy != nil }
    var columns: [Table.Column] = [
      .text("opened (UTC)"), .text("closed"), .number("value"), .number("expected"), .text("band"),
      .number("peak"), .text("severity"), .text(isWide ? "because" : "reason"),
    ]
    if hasMuted { columns.insert(.text("muted by", yields: true), at: 6) }
    if hasMetrics { columns.insert(.name("metric"), at: 2) }
    var table = Table(columns)
    for found in events {
      let event = found.event
      let reading = Phrases.reading(
        of: event.metric.text, event.value, event.expected, event.lower, event.upper)
      var cells = [
        Table.Cell(BacktestReport.brief(event.opened)),
        BacktestReport.closing(event.closed, of: event.opened),
        Table.Cell(reading.value, .strong),
        Table.Cell(reading.expected),
        Table.Cell(reading.band),
        Table.Cell(HumanNumber.fixed(Double(event.peakScore), decimals: 1)),
        Table.Cell(event.severity.name, event.severity == .info ? .faint : nil),
        Table.Cell(isWide ? BacktestReport.sentence(event) : event.cause.name),
      ]
      if hasMuted { cells.insert(Table.Cell(found.mutedBy ?? ""), at: 6) }
      if hasMetrics { cells.insert(Table.Cell(event.metric.text), at: 2) }
      table.add(cells)
    }
    let reasons = isWide ? [] : Set(events.map(\.event.cause.name)).sorted()
    let legend = reasons.map {
      console.style.faint("\($0): \(Phrases.reason($0))")
    }
    return notices(console) + table.lines(width: console.width, style: console.style) + legend
      + ["", summary]
  }

  /// The messages of incidents, if several metrics share them: those of one metric are its events.
  private func notices(_ console: Console) -> [String] {
    let notices = result.outcome.notices
    guard result.outcome.metrics.count > 1, !notices.isEmpty else { return [] }
    return notices.map { TerminalOutput.line($0, style: console.style) } + [""]
  }

  /// The metrics of an incident, each once, in the order in which their events opened.
  private func metrics(of incident: ReplayOutcome.Incident) -> [String] {
    var seen: Set<String> = []
    return incident.events.map { result.outcome.events[$0].event.metric.text }
      .filter { seen.insert($0).inserted }
  }

  /// Terminal width from which whole sentences fit into the table.
  private static let wide = 150

  private var summary: String {
    let outcome = result.outcome
    func count(_ number: Int, _ noun: String) -> String {
      "\(HumanNumber.count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
    var parts = [count(result.samples, "sample")]
    if outcome.metrics.count > 1 { parts[0] += " of \(count(outcome.metrics.count, "metric"))" }
    if result.gaps > 0 { parts.append(count(result.gaps, "gap")) }
    if result.malformed > 0 { parts.append(count(result.malformed, "malformed line")) }
    var events = count(outcome.events.count, "event")
    let incidents = outcome.incidents.count
    if incidents != outcome.events.count { events += " in \(count(incidents, "incident"))" }
    if result.notifiedIncidents > 0, let rate = result.alarmsPerDay {
      events +=
        rate < 1
        ? " (one in \(HumanNumber.value(1 / rate)) days)" : " (\(HumanNumber.value(rate)) a day)"
    }
    parts.append(events)
    let scheduled = outcome.events.count { $0.event.isScheduled }
    if scheduled > 0 { parts.append("\(scheduled) of them on schedule") }
    let muted = outcome.events.count { $0.mutedBy != nil }
    if muted > 0 { parts.append("\(muted) of them muted") }
    let open = outcome.events.count { $0.event.closed == nil }
    if open > 0 { parts.append("\(open) of them open at the end") }
    if outcome.metrics.count > 1, !outcome.notices.isEmpty {
      parts.append(
        "\(count(outcome.notices.count, "message")) instead of "
          + "\(HumanNumber.count(outcome.eventNotices)) without incidents")
    }
    parts.append("took \(HumanNumber.duration(elapsed))")
    return parts.joined(separator: ", ")
  }

  /// One JSON object a line: the events, the incidents, then a summary.
  func json() throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws -> String {
      PrintableText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
    return try result.outcome.events.map {
      try line(EventLine(event: $0.event, mutedBy: $0.mutedBy))
    }
      + result.outcome.incidents.map {
        try line(["incident": IncidentLine($0, metrics: metrics(of: $0), result.outcome)])
      } + [try line(["summary": Summary(result, settings, seconds: elapsed / .seconds(1))])]
  }

  /// Why an event opened, and how it compares with earlier ones.
  private static func sentence(_ event: Event) -> String {
    let cause = event.symbolSentence ?? event.modelSentence ?? event.cause.explanation
    return cause + (event.recurrence.map { "; \($0.remark)" } ?? "")
  }

  /// Date and time of day, with fractions of a second only if there are any.
  private static func brief(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    return "\(text.prefix(10)) "
      + text.dropFirst(11).dropLast(text.hasSuffix(".000Z") ? 5 : 1)
  }

  /// The end of something; the date is omitted if less than a day has passed.
  private static func closing(_ closed: Timestamp?, of opened: Timestamp) -> Table.Cell {
    guard let closed else { return Table.Cell("open", .warning) }
    let text = brief(closed)
    let isWithinADay = closed.elapsed(since: opened) < .seconds(86_400)
    return Table.Cell(isWithinADay ? String(text.dropFirst(11)) : text)
  }

  /// An event as in output files, and the silence that muted it, if any.
  private struct EventLine: Encodable {
    var event: Event
    var mutedBy: String?

    enum Key: String, CodingKey {
      case mutedBy = "muted_by"
    }

    func encode(to encoder: any Encoder) throws {
      try EventJSON(event).encode(to: encoder)
      var object = encoder.container(keyedBy: Key.self)
      try object.encode(mutedBy, forKey: .mutedBy)
    }
  }

  private struct IncidentLine: Encodable {
    var id, began, opened: String
    var closed: String?
    var severity: String
    var events: Int
    var metrics: [String]
    var notified: Bool
    /// The messages that outputs would have received.
    var messages: [Message]

    struct Message: Encodable {
      var at, state, severity, explanation: String
    }

    init(_ incident: ReplayOutcome.Incident, metrics: [String], _ outcome: ReplayOutcome) {
      id = incident.id.description
      began = incident.began.iso8601
      opened = incident.opened.iso8601
      closed = incident.closed?.iso8601
      severity = incident.severity.name
      events = incident.events.count
      self.metrics = metrics
      notified = incident.isNotified
      messages = outcome.notices.filter { $0.incident.id == incident.id }.map {
        Message(
          at: $0.moment.iso8601, state: $0.stateName, severity: $0.incident.severity.name,
          explanation: $0.sentence)
      }
    }
  }

  private struct Summary: Encodable {
    var files: Int
    var failedFiles: Int
    var metrics: Int
    var samples: Int
    var gaps: Int
    var malformed: Int
    var events: Int
    var mutedEvents: Int
    var scheduledEvents: Int
    var openEvents: Int
    var incidents: Int
    /// Messages about incidents, and how many there would have been about events.
    var messages: Int
    var eventMessages: Int
    var days: Double
    var alarmsPerDay: Double?
    var seed: UInt64
    /// For the whole host, in alarms a day.
    var hostBudget: Double?
    /// For each metric, in samples per alarm.
    var budget: Double?
    var seconds: Double

    init(_ result: BacktestResult, _ settings: Settings, seconds: Double) {
      files = result.fileCount - result.failedFiles
      failedFiles = result.failedFiles
      metrics = result.outcome.metrics.count
      samples = result.samples
      gaps = result.gaps
      malformed = result.malformed
      events = result.outcome.events.count
      mutedEvents = result.outcome.events.count { $0.mutedBy != nil }
      scheduledEvents = result.outcome.events.count { $0.event.isScheduled }
      openEvents = result.outcome.events.count { $0.event.closed == nil }
      incidents = result.outcome.incidents.count
      messages = result.outcome.notices.count
      eventMessages = result.outcome.eventNotices
      days = result.outcome.days
      alarmsPerDay = result.alarmsPerDay
      seed = settings.detector.seed
      switch settings.detector.alarmBudget {
      case .host: hostBudget = settings.detector.alarmBudget.alarmsPerDay
      case .samples(let samples): budget = samples
      }
      self.seconds = seconds
    }

    enum CodingKeys: String, CodingKey {
      case files, metrics, samples, gaps, malformed, events, incidents, days, seed, budget, seconds
      case messages
      case eventMessages = "event_messages"
      case failedFiles = "failed_files"
      case mutedEvents = "muted_events"
      case scheduledEvents = "scheduled_events"
      case openEvents = "open_events"
      case hostBudget = "host_budget_per_day"
      case alarmsPerDay = "alarms_per_day"
    }
  }
}
