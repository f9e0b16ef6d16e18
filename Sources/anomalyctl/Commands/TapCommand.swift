import CommandLine
import Control
import Glibc

extension Command {
  /// `anomalyctl tap`.
  package static let tap = Command(
    Usage(
      command: "anomalyctl tap",
      summary: "Watch samples as they pass, with what was expected and their score",
      details: """
        Ends with Ctrl-C, behind --count samples, or when nobody reads its output any more. Samples \
        of anomalous metrics are marked with '!'. The daemon never waits for a reader: where \
        samples pass faster than they are read, the oldest unread ones are left out and their \
        number is shown; with --json that is a line {"lost":NUMBER}.
        """,
      arguments: [
        .init("PATTERN", .optional, help: "Only names that match, with *, ? and [...]; quote it")
      ],
      options: [
        .value("count", short: "n", "N", help: "End after so many samples"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl tap 'disk.*'", "Every sample of every disk, as it is judged."),
        .init(
          "anomalyctl tap --json | jq -c 'select(.score > 3)'",
          "What is rare, as JSON, one object a line."
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
      console.note("\(Phrases.counted(tap.lost, "sample")) passed unseen\n")
    }
  }
}

/// What becomes of the replies.
private struct Tap {
  var left: Int
  let isJSON: Bool
  var report: TapReport
  let console: Console
  var lost = 0
  var failure: CommandFailure?

  /// Prints a reply.
  /// - Returns: whether more is wanted.
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

/// The pattern that some commands take.
enum MetricPattern {
  /// What is said of one that is none.
  static func refusal(of pattern: String) -> UsageError {
    .invalidValue(
      of: "PATTERN",
      value: pattern,
      expected: "a name with *, ? and [...], every [ closed",
      suggestion: nil
    )
  }
}
