package import CommandLine
package import Control
import Glibc
import Monitor
package import Series

extension Command {
  /// `anomalyctl tap`.
  package static let tap = Command(
    Usage(
      command: "anomalyctl tap",
      summary: "Stream samples with expected value and score",
      details: """
        Runs until Ctrl-C, until --count samples were printed, or until its output is closed. \
        Samples of anomalous metrics are marked with '!'. The daemon never waits for a reader: if \
        samples arrive faster than they are read, the oldest unread ones are skipped and their \
        number is shown, with --json as a line {"lost":NUMBER}.
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
      ],
      json: """
        Type TapSample of io.anomalyd(7), one per line; where samples were skipped, an object with \
        their number: lost.
        """
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

/// Samples as text, line by line as they arrive.
///
/// Columns grow with their contents; on a terminal no line exceeds its width.
package struct TapReport {
  private let width: Int?
  private let style: Style
  private let now: () -> Timestamp
  private var widths = [12, 24, 8, 8, 12, 5]
  private var hasHeading = false

  /// - Parameters:
  ///   - width: columns of the terminal; nil for lines of any length.
  ///   - now: a clock; a sample from another day than today is shown with its date.
  package init(
    width: Int? = nil, style: Style = .plain, now: @escaping () -> Timestamp = DaemonAccess.now
  ) {
    self.width = width
    self.style = style
    self.now = now
    // On a narrow terminal, milliseconds are the most dispensable.
    if let width, width < 100 { widths[0] = 8 }
  }

  /// The lines for one reply.
  package mutating func lines(_ reply: TapReply) -> [String] {
    var lines: [String] = []
    if !hasHeading, !reply.samples.isEmpty {
      hasHeading = true
      let titles = ["time UTC", "metric", "value", "expected", "band", "score"]
      lines.append(line(titles, .faint))
    }
    if reply.lost > 0 {
      let lost = HumanNumber.counted(reply.lost, "sample")
      lines.append(style.warning("… \(lost) skipped, faster than they could be shown"))
    }
    for sample in reply.samples {
      let tint = Phrases.tint(sample.state)
      let text = line(cells(sample), tint)
      lines.append(sample.state == .anomalous ? "\(text)\(style.tinted("  !", tint))" : text)
    }
    return lines
  }

  private func cells(_ sample: TapSample) -> [String] {
    let reading = Phrases.reading(
      of: sample.metric, sample.value, sample.expected, sample.lower, sample.upper)
    return [
      time(sample.at),
      Layout.printable(sample.metric), reading.value, reading.expected, reading.band,
      [.warming, .shown].contains(sample.state) ? "-" : Phrases.score(sample.score),
    ]
  }

  private func time(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    let time = text.dropFirst(11).prefix(width.map { $0 < 100 } ?? false ? 8 : 12)
    let isToday = text.prefix(10) == now().iso8601.prefix(10)
    return isToday ? String(time) : "\(text.prefix(10)) \(time)"
  }

  private mutating func line(_ cells: [String], _ tint: Style.Tint?) -> String {
    for index in cells.indices {
      widths[index] = max(widths[index], Layout.columns(cells[index]))
    }
    var shown = widths
    if let width {
      // Between the columns, and for the mark after them.
      let gaps = 2 * cells.count + 1
      let rest = widths.reduce(gaps, +) - widths[1]
      shown[1] = min(widths[1], max(8, width - rest))
    }
    let padded = zip(cells, shown).enumerated().map { index, cell in
      let text =
        index == 1
        ? Layout.shorten(cell.0, width: cell.1) : Layout.truncate(cell.0, width: cell.1)
      let padding = Layout.spaces(cell.1 - Layout.columns(text))
      return [0, 1, 4].contains(index) ? text + padding : padding + text
    }
    return style.tinted(padded.joined(separator: "  "), tint)
  }
}
