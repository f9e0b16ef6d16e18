package import CommandLine
package import Control
package import Series

extension Command {
  /// `anomalyctl outputs`.
  package static let outputs = Command(
    Usage(
      command: "anomalyctl outputs",
      summary: "List outputs and the health of their endpoints",
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init("anomalyctl outputs", "All outputs and the state of delivery."),
        .init(
          "anomalyctl outputs --json | jq .delivery.lastAnswer", "The last answers of endpoints."),
      ],
      json: "Type Output of io.anomalyd(7), one per line."
    )
  ) { arguments, console in
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.status()
    }
    if arguments.has("json") {
      try console.write(lines: reply.outputs.map { MessageJSON.line($0) })
    } else {
      let report = OutputsReport(outputs: reply.outputs, now: reply.now)
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}

/// Outputs as a table, followed by the state of their endpoints.
package struct OutputsReport {
  private let outputs: [OutputStatus]
  private let now: Timestamp

  package init(outputs: [OutputStatus], now: Timestamp) {
    self.outputs = outputs
    self.now = now
  }

  /// The outputs in lines, heading first.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var lines = table.lines(width: width, style: style)
    for output in outputs {
      guard let delivery = output.delivery else { continue }
      let facts = OutputsReport.facts(delivery, now: now)
      lines += ["", style.bold(Layout.printable(output.name))]
      lines += facts.map { "  " + Layout.printable($0) }
    }
    return lines
  }

  /// The state of an endpoint's messages, one fact per line.
  static func facts(_ delivery: DeliveryStatus, now: Timestamp) -> [String] {
    var facts: [String] = []
    if let stopped = delivery.stopped { facts.append("stopped: \(stopped)") }
    let last = Phrases.ago(delivery.lastSuccessAt, now: now)
    // Requests outnumber messages if some failed, and if open events are repeated.
    let requests =
      delivery.attempts > delivery.delivered
      ? "; \(HumanNumber.counted(delivery.attempts, "request")) in all" : ""
    facts.append(
      delivery.delivered > 0
        ? "\(HumanNumber.counted(delivery.delivered, "message")) delivered, the last one \(last)\(requests)"
        : "no message delivered yet\(requests)")
    if let moment = delivery.lastHeartbeatAt {
      facts.append("last heartbeat accepted \(Phrases.ago(moment, now: now))")
    }
    if let answer = delivery.lastAnswer {
      facts.append("last answer: \(answer) (\(Phrases.ago(delivery.lastAnswerAt, now: now)))")
    }
    if delivery.waiting > 0 {
      let next =
        delivery.retryAt.map { ", next attempt \(Phrases.ago($0, now: now))" } ?? ""
      facts.append("\(HumanNumber.counted(delivery.waiting, "message")) waiting\(next)")
    }
    if delivery.kept > 0 {
      facts.append("\(HumanNumber.counted(delivery.kept, "message")) rejected and kept")
    }
    if delivery.expired > 0 {
      facts.append("\(HumanNumber.counted(delivery.expired, "message")) expired")
    }
    return facts
  }

  /// The table, without endpoints.
  var table: Table {
    var table = Table([
      .name("name"), .text("type").optional(1), .text("state"), .number("emitted"),
      .number("queued"), .number("failed"), .number("dropped"), .text("last error", yields: true),
    ])
    for output in outputs {
      table.add([
        Table.Cell(output.name), Table.Cell(output.type),
        output.healthy ? Table.Cell("ok", .good) : Table.Cell("failing", .bad),
        Table.Cell(HumanNumber.count(output.emitted)), count(output.queued, .warning),
        count(output.failed, .warning), count(output.dropped, .bad),
        output.lastError.map { error in
          Table.Cell(
            output.lastErrorAt.map { "\(Phrases.ago($0, now: now)): \(error)" } ?? error)
        } ?? "-",
      ])
    }
    return table
  }

  private func count(_ count: Int, _ tint: Style.Tint) -> Table.Cell {
    Table.Cell(HumanNumber.count(count), count > 0 ? tint : nil)
  }
}
