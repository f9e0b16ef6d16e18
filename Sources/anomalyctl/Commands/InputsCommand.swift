package import CommandLine
package import Control
package import Series

extension Command {
  /// `anomalyctl inputs`.
  package static let inputs = Command(
    Usage(
      command: "anomalyctl inputs",
      summary: "List the daemon's inputs with their health",
      details: """
        An input is ok; degraded if it delivers samples, but some of the data read in the last \
        five minutes failed or was malformed; failing if nothing has arrived since its last error; \
        or silent if it has delivered nothing for longer than StallAfter=, which also opens an \
        event.

        'anomalyctl inputs test' reads them without the daemon.
        """,
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init("anomalyctl inputs", "All inputs and their health."),
        .init(
          "anomalyctl inputs --json | jq -r 'select(.state != \"ok\").name'",
          "Inputs with problems."
        ),
      ],
      json: "Type Input of io.anomalyd(7), one per line."
    )
  ) { arguments, console in
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.status()
    }
    if arguments.has("json") {
      try console.write(lines: reply.inputs.map { MessageJSON.line($0) })
    } else if reply.inputs.isEmpty {
      console.note("the daemon has no inputs\n")
    } else {
      let report = InputsReport(reply.inputs, now: reply.now)
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}

/// The inputs with their health.
package struct InputsReport {
  private let inputs: [InputStatus]
  private let now: Timestamp

  package init(_ inputs: [InputStatus], now: Timestamp) {
    self.inputs = inputs
    self.now = now
  }

  /// The inputs as a table, followed by what each reads and its problems.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var lines = table.lines(width: width, style: style)
    for input in inputs {
      let silence = input.stallAfter.map { ", silent after \(Phrases.span($0))" } ?? ""
      lines += ["", style.bold(Layout.printable("\(input.name): \(input.source)")) + silence]
      if let problem = InputsReport.problem(input, now: now) {
        lines.append("  \(style.bad("!")) \(Layout.printable(problem))")
      } else if let error = input.lastError {
        lines.append(
          "  last error \(Phrases.ago(input.lastErrorAt, now: now)): \(Layout.printable(error))")
      }
    }
    return lines
  }

  /// The inputs as a table.
  var table: Table {
    // Only inputs with limits drop anything.
    let hasDropped = inputs.contains { $0.dropped > 0 }
    var table = Table(
      [
        .name("name"), .text("type").optional(3), .text("state"), .number("samples"),
        .text("last sample"), .number("unread").optional(1), .number("gaps").optional(5),
        .number("malformed"), .number("refused").optional(4),
      ] + (hasDropped ? [.number("dropped")] : []))
    for input in inputs {
      let dropped = hasDropped ? [count(input.dropped, .warning)] : []
      table.add(
        [
          Table.Cell(input.name), Table.Cell(input.type), state(input.state),
          Table.Cell(HumanNumber.count(input.samples)),
          Table.Cell(input.lastSampleAge.map(age) ?? Phrases.ago(input.lastSampleAt, now: now)),
          Table.Cell(input.lagBytes.map(HumanNumber.bytes) ?? "-"), count(input.gaps, nil),
          count(input.malformed, .warning), count(input.refused, .warning),
        ] + dropped)
    }
    return table
  }

  /// The current problem of an input; nil if there is none.
  static func problem(_ input: InputStatus, now: Timestamp) -> String? {
    input.fault.map { fault in
      fault + (input.lastErrorAt.map { " (\(Phrases.ago($0, now: now)))" } ?? "")
    }
  }

  private func state(_ state: InputState) -> Table.Cell {
    let tint: Style.Tint =
      switch state {
      case .ok: .good
      case .degraded: .warning
      case .failing, .silent: .bad
      }
    return Table.Cell(state.rawValue, tint)
  }

  private func age(_ seconds: Double) -> String {
    seconds < 1 ? "now" : "\(Phrases.span(seconds)) ago"
  }

  private func count(_ count: Int, _ tint: Style.Tint?) -> Table.Cell {
    Table.Cell(HumanNumber.count(count), count > 0 ? tint : nil)
  }
}
