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
      summary: "Mute events for a time, or suspend learning",
      details: """
        Events that open during the silence are recorded, marked as silenced, and not sent to \
        outputs unless they are still open when the silence ends. Events that opened before it \
        close as usual. With --no-learning, whatever detectors learn during the silence is undone \
        at its end, as if there had been no samples.

        TIME is the next occurrence of a calendar expression of systemd.time(7), such as 22:00, \
        'Sat 02:00' or '2026-11-21 02:00 UTC', or a time span from now, such as +30min. Silences \
        persist across restarts. Requires root or membership in the group anomalyd-admin. For \
        recurring silences, use the configuration: [Silence NAME] in anomalyd.conf(5).
        """,
      arguments: [
        .init(
          "PATTERN", .oneOrMore,
          help: "Patterns of metric names, with *, ? and [...]; quote them; '*' for all")
      ],
      options: [
        .value("for", "SPAN", help: "Its duration, such as 2h or 90min; required"),
        .value("from", "TIME", help: "Its start (default: now)"),
        .value("reason", short: "r", "TEXT", help: "Its reason, shown with the silence"),
        .flag("no-learning", help: "Undo what detectors learn during it at its end"),
        .flag("keep-alarms", help: "Do not mute alarms; only with --no-learning"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl silence add 'disk.*' --for 2h --reason backup",
          "No disk alarms for the next two hours."
        ),
        .init(
          "anomalyctl silence add '*' --from 'Sat 22:00' --for 6h --no-learning -r 'move to B2'",
          "No alarms and no learning next Saturday night."
        ),
      ],
      json: "One object, type Silence of io.anomalyd(7)."
    )
  ) { arguments, console in
    guard let text = arguments.value("for") else { throw UsageError.missingArgument("--for SPAN") }
    guard let span = TimeSpan.parse(text), SilenceSection.durations.contains(span) else {
      throw UsageError.invalidValue(
        of: "--for", value: text, expected: "a time span such as 2h or 90min, from 1s to 366d",
        suggestion: nil)
    }
    let request = SilenceRequest(
      // A silence for all metrics has no patterns.
      metrics: arguments.positional.contains("*") ? [] : arguments.positional,
      from: try arguments.value("from").map { text throws(UsageError) in
        try SilenceStart.moment(of: text, after: DaemonAccess.now())
      },
      seconds: Int(span.components.seconds),
      suppressesAlarms: !arguments.has("keep-alarms"),
      suppressesLearning: arguments.has("no-learning"),
      reason: arguments.value("reason") ?? ""
    )
    guard request.suppressesAlarms || request.suppressesLearning else {
      throw UsageError.invalidValue(
        of: "--keep-alarms", value: "", expected: "--no-learning as well", suggestion: nil)
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

/// The start of a silence, as given by `--from`.
package enum SilenceStart {
  /// The time denoted by a text.
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
        "a calendar expression in the future, such as 22:00 or 'Sat 02:00', or a time "
        + "span such as +30min",
      suggestion: nil)
  }
}
