import CommandLine
import Control
import Glibc
import Series

extension Command {
  /// `anomalyctl tap`.
  package static let tap = Command(
    Usage(
      command: "anomalyctl tap",
      summary: "Stream samples with expected value and score",
      details: """
        Ends on Ctrl-C, after --count samples, or when its output is closed. Samples of anomalous \
        metrics are marked with '!'. The daemon never waits for a reader: if samples arrive faster \
        than they are read, the oldest unread ones are skipped and their number is shown; with \
        --json that is a line {"lost":NUMBER}.
        """,
      arguments: [
        .init("PATTERN", .optional, help: "Only names that match, with *, ? and [...]; quote it")
      ],
      options: [
        .value("count", short: "n", "N", help: "Stop after N samples"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl tap 'disk.*'", "Every sample of every disk as it is scored."),
        .init(
          "anomalyctl tap --json | jq -c 'select(.score > 3)'",
          "Rare samples as JSON, one object per line."
        ),
      ]
    )
  ) { arguments, console in
    let pattern = arguments.positional.first
    let count = try arguments.integer("count", in: 1...Int.max) ?? .max
    let signals = SignalInterruption([SIGINT, SIGTERM])
    var interruptions = [Interruption(STDOUT_FILENO, whenReadable: false)]
    if let signals { interruptions.append(signals.interruption) }
    var tap = Tap(
      left: count,
      isJSON: arguments.has("json"),
      report: TapReport(width: console.width, style: console.style),
      console: console
    )
    defer { withExtendedLifetime(signals) {} }
    let isPattern = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      do throws(ControlClientError) {
        if let pattern {
          var known = 0
          try client.listMetrics(MetricListRequest(pattern: pattern)) { known += $0.count }
          if known == 0 { console.note("no metric matches yet; waiting for one\n") }
        }
        try client.tap(pattern, until: interruptions) { tap.take($0) }
        return true
      } catch .refused(.invalidParameter("pattern")) {
        return false
      }
    }
    if let pattern, !isPattern { throw MetricPattern.refusal(of: pattern) }
    if let failure = tap.failure { throw failure }
    if tap.lost > 0 {
      console.note("\(HumanNumber.counted(tap.lost, "sample")) missed\n")
    }
  }
}

/// Handles the replies.
private struct Tap {
  var left: Int
  let isJSON: Bool
  var report: TapReport
  let console: Console
  var lost = 0
  var failure: CommandFailure?

  /// Prints a reply.
  /// - Returns: whether to continue.
  mutating func take(_ reply: TapReply) -> Bool {
    var reply = reply
    reply.samples = Array(reply.samples.prefix(left))
    left -= reply.samples.count
    lost += reply.lost
    do throws(CommandFailure) {
      try console.write(lines: isJSON ? json(reply) : report.lines(reply))
    } catch {
      failure = error
      return false
    }
    return left > 0
  }

  private func json(_ reply: TapReply) -> [String] {
    let lost = reply.lost > 0 ? [MessageJSON.line(["lost": reply.lost])] : []
    return lost + reply.samples.map { MessageJSON.line($0) }
  }
}

/// The pattern argument of some commands.
enum MetricPattern {
  /// The error for an invalid one.
  static func refusal(of pattern: String) -> UsageError {
    .invalidValue(
      of: "PATTERN",
      value: pattern,
      expected: "a name with *, ? and [...], every [ closed",
      suggestion: nil
    )
  }
}
