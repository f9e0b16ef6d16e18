package import Calendar
package import CommandLine
import Config
import Control
import Glibc
import Monitor
package import Series

extension Command {
  /// `anomalyctl silence add`.
  package static let silenceAdd = Command(
    Usage(
      command: "anomalyctl silence add",
      summary: "Keep outputs from hearing of events for a time, or detectors from learning",
      details: """
        Events that open in the silence are recorded, marked as silenced, and go to no output. Of \
        one that is still open when the silence ends, outputs are told then. What opened before the \
        silence is closed in the hearing of all. With --no-learning, what detectors learn in the \
        silence is undone at its end, as if no samples had come.

        TIME is a calendar expression of systemd.time(7), of which the next moment counts, such as \
        22:00, 'Sat 02:00' or '2026-11-21 02:00 UTC'; or a time span from now, such as +30min. The \
        silence is kept over a restart. Only root and the group anomalyd-admin may add one. What \
        recurs is better configured: [Silence NAME] in anomalyd.conf(5).
        """,
      arguments: [
        .init(
          "PATTERN", .oneOrMore,
          help: "Metrics by their names, with *, ? and [...]; quote it; '*' for all")
      ],
      options: [
        .value("for", "SPAN", help: "How long it lasts, such as 2h or 90min; required"),
        .value("from", "TIME", help: "When it begins (default: now)"),
        .value("reason", short: "r", "TEXT", help: "What for; shown wherever the silence is"),
        .flag("no-learning", help: "Undo at its end what detectors learn in it"),
        .flag("keep-alarms", help: "Let alarms through; only with --no-learning"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl silence add 'disk.*' --for 2h --reason backup",
          "No alarms of disks for the next two hours."
        ),
        .init(
          "anomalyctl silence add '*' --from 'Sat 22:00' --for 6h --no-learning -r 'move to B2'",
          "Next Saturday night, neither alarms nor learning."
        ),
      ]
    )
  ) { arguments, console in
    guard let text = arguments.value("for") else { throw UsageError.missingArgument("--for SPAN") }
    guard let span = TimeSpan.parse(text), SilenceSection.durations.contains(span) else {
      throw UsageError.invalidValue(
        of: "--for", value: text, expected: "a time span such as 2h or 90min, from 1s to 366d",
        suggestion: nil)
    }
    let request = SilenceRequest(
      // What holds for all has no patterns.
      metrics: arguments.positional.contains("*") ? [] : arguments.positional,
      from: try arguments.value("from").map { text throws(UsageError) in
        Moment(try SilenceStart.moment(of: text, after: DaemonAccess.now()))
      },
      seconds: Int(span.components.seconds),
      suppressesAlarms: !arguments.has("keep-alarms"),
      suppressesLearning: arguments.has("no-learning"),
      reason: arguments.value("reason") ?? ""
    )
    guard request.suppressesAlarms || request.suppressesLearning else {
      throw UsageError.invalidValue(
        of: "--keep-alarms", value: "", expected: "--no-learning with it", suggestion: nil)
    }
    let silence = try DaemonAccess.ask(arguments) {
      client throws(ControlClientError) -> Result<SilenceMessage, UsageError> in
      do throws(ControlClientError) {
        return .success(try client.addSilence(request))
      } catch .refused(.invalidParameter("metrics")) {
        return .failure(MetricPattern.refusal(of: arguments.positional.joined(separator: " ")))
      } catch .refused(.invalidParameter("reason")) {
        return .failure(
          .invalidValue(
            of: "--reason", value: request.reason,
            expected: "at most \(SilenceSection.maximumReasonBytes) bytes", suggestion: nil))
      }
    }.get()
    if arguments.has("json") {
      try console.write(MessageJSON.line(silence) + "\n")
    } else {
      let report = SilencesReport(silences: [silence], now: DaemonAccess.now())
      try console.write(lines: [report.sentence(of: silence)])
    }
  }
}

/// When a silence begins, as `--from` says it.
package enum SilenceStart {
  /// The moment that a text means.
  package static func moment(
    of text: String,
    after now: Timestamp,
    local: TimeZoneRules = ZoneFiles.local(environment: Console.environment)
  ) throws(UsageError) -> Timestamp {
    if text == "now" { return now }
    if text.hasPrefix("+"), let span = TimeSpan.parse(String(text.dropFirst())) {
      return now.advanced(by: span)
    }
    if let expression = try? CalendarExpression(parsing: text, zone: ZoneFiles.rules(named:)),
      let next = expression.next(after: now, local: local)
    {
      return next
    }
    throw .invalidValue(
      of: "--from", value: text,
      expected:
        "a calendar expression that is yet to come, such as 22:00 or 'Sat 02:00', or a time "
        + "span such as +30min",
      suggestion: nil)
  }
}
