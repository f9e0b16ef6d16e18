package import CommandLine
package import Control
package import Series

extension Command {
  /// `anomalyctl silence list`.
  package static let silenceList = Command(
    Usage(
      command: "anomalyctl silence list",
      summary: "List active and upcoming silences",
      options: [
        .flag("all", short: "a", help: "Include those that ended in the last day"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
        Pager.option,
      ],
      examples: [
        .init("anomalyctl silence list", "What is silenced now, and for how long?"),
        .init(
          "anomalyctl silence list --json | jq -r 'select(.state == \"active\").id'",
          "The active ones, by name or number."
        ),
      ],
      json: "Type Silence of io.anomalyd(7), one per line."
    )
  ) { arguments, console in
    let all = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.silences()
    }
    let silences = all.filter { arguments.has("all") || $0.state != .ended }
    if arguments.has("json") {
      try console.write(lines: silences.map { MessageJSON.line($0) })
    } else if silences.isEmpty {
      console.note("no active or upcoming silences\n")
    } else {
      let report = SilencesReport(silences: silences, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }

  /// `anomalyctl silence remove`.
  package static let silenceRemove = Command(
    Usage(
      command: "anomalyctl silence remove",
      summary: "End a silence that was added with 'silence add'",
      details: """
        Outputs are notified of events that are still open. Requires root or membership in the \
        group anomalyd-admin. Silences from the configuration are removed there.
        """,
      arguments: [.init("SILENCE", help: "Its number, as 'anomalyctl silence list' shows it")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [.init("anomalyctl silence remove 3", "The backup finished early.")],
      json: "One object, type Silence of io.anomalyd(7)."
    )
  ) { arguments, console in
    let silence = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.removeSilence(arguments.positional[0])
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(silence) + "\n")
    } else {
      try console.write(
        "silence \(Layout.printable(silence.id)) of \(SilencesReport.subject(of: silence)) is over\n"
      )
    }
  }
}

/// Silences as text.
package struct SilencesReport {
  package let silences: [SilenceMessage]
  private let now: Timestamp

  package init(silences: [SilenceMessage], now: Timestamp) {
    self.silences = silences
    self.now = now
  }

  /// A table, active ones first.
  package func lines(width: Int? = nil, style: Style = .plain, indent: Int = 0) -> [String] {
    var table = Table([
      .name("id"), .text("state"), .text("metrics"), .text("time"), .text("suppresses").optional(3),
      .number("muted").optional(2), .text("schedule").optional(1), .text("reason", yields: true),
    ])
    for state in [SilenceMessage.State.active, .waiting, .ended] {
      for silence in silences where silence.state == state {
        table.add([
          Table.Cell(silence.id), Table.Cell(state.rawValue, tint(state)),
          Table.Cell(SilencesReport.subject(of: silence)), Table.Cell(time(of: silence)),
          Table.Cell(SilencesReport.effect(of: silence)),
          Table.Cell(silence.heldEvents > 0 ? HumanNumber.count(silence.heldEvents) : "-"),
          Table.Cell(silence.schedule.isEmpty ? "once" : silence.schedule.joined(separator: "; ")),
          Table.Cell(silence.reason),
        ])
      }
    }
    return table.lines(width: width, style: style, indent: indent)
  }

  /// One silence in a sentence.
  package func sentence(of silence: SilenceMessage) -> String {
    let reason = silence.reason.isEmpty ? "" : " (\(silence.reason))"
    return Layout.printable(
      "silence \(Layout.printable(silence.id)) of \(SilencesReport.subject(of: silence))\(reason), "
        + "\(SilencesReport.effect(of: silence)): \(time(of: silence))")
  }

  /// The metrics it applies to.
  static func subject(of silence: SilenceMessage) -> String {
    silence.metrics.isEmpty
      ? "all metrics" : Layout.printable(silence.metrics.joined(separator: " "))
  }

  /// What it suppresses.
  static func effect(of silence: SilenceMessage) -> String {
    switch (silence.suppressesAlarms, silence.suppressesLearning) {
    case (true, true): "alarms, learning"
    case (true, false): "alarms"
    default: "learning"
    }
  }

  /// The remaining time, or when it begins or ended.
  private func time(of silence: SilenceMessage) -> String {
    func left(_ moment: Timestamp) -> String {
      Phrases.span(max(0, moment.seconds - now.seconds))
    }
    switch silence.state {
    case .active: return silence.until.map { "\(left($0)) left" } ?? "no end"
    case .waiting:
      guard let from = silence.from else { return "-" }
      let span = silence.until.map {
        " for \(Phrases.span($0.seconds - from.seconds))"
      }
      return "in \(left(from))\(span ?? "")"
    case .ended: return "ended \(Phrases.ago(silence.until, now: now))"
    }
  }

  private func tint(_ state: SilenceMessage.State) -> Style.Tint? {
    switch state {
    case .active: .warning
    case .waiting: nil
    case .ended: .faint
    }
  }
}
