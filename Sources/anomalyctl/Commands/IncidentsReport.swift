package import CommandLine
package import Control
import Events
package import Series

/// A list of incidents.
package struct IncidentsReport {
  /// The incidents in order.
  package let incidents: [IncidentMessage]
  private let now: Timestamp

  package init(incidents: [IncidentMessage], now: Timestamp) {
    self.incidents = incidents
    self.now = now
  }

  /// The list in lines, heading first.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain, indent: Int = 0) -> [String] {
    var table = Table([
      .text("began"), .text("for").optional(1), .text("severity"),
      .number("metrics").optional(2), .text("what", yields: true), .text("id"),
    ])
    for incident in incidents {
      table.add([
        Table.Cell(
          Phrases.date(incident.began), short: Phrases.shortDate(incident.began, now: now)),
        Table.Cell(duration(incident), incident.closed == nil ? .bad : nil),
        Table.Cell(incident.severity.name, EventsReport.tint(incident.severity)),
        Table.Cell(HumanNumber.count(incident.metrics)),
        Table.Cell(what(incident)),
        Table.Cell(String(incident.id.description.suffix(4)), .faint),
      ])
    }
    return table.lines(width: width, style: style, indent: indent)
  }

  private func what(_ incident: IncidentMessage) -> String {
    switch incident.state {
    case .muted: "[muted] \(HumanNumber.counted(incident.open, "event")) open"
    case .settling: "[settling] \(incident.sentence)"
    case .open, .closed: incident.sentence
    }
  }

  private func duration(_ incident: IncidentMessage) -> String {
    guard let closed = incident.closed else { return incident.open > 0 ? "open" : "ending" }
    return Phrases.span(max(0, closed.seconds - incident.began.seconds))
  }
}

/// One incident in full.
package struct IncidentReport {
  package let detail: IncidentDetail
  private let now: Timestamp

  package init(detail: IncidentDetail, now: Timestamp) {
    self.detail = detail
    self.now = now
  }

  /// The report in lines.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    let incident = detail.incident
    let state =
      incident.closed == nil
      ? style.bad(incident.state.rawValue) : style.good(incident.state.rawValue)
    let title = Layout.printable(incident.headline)
    var lines = [
      "\(style.bold(title)): incident \(incident.id), \(state)",
      "  \(Layout.printable(incident.sentence))",
      "",
      "  began     \(moment(incident.began))",
    ]
    if let closed = incident.closed {
      let length = Phrases.span(max(0, closed.seconds - incident.began.seconds))
      lines.append("  closed    \(moment(closed)), after \(length)")
    }
    lines.append("  severity  \(incident.severity.name)")
    lines.append(
      "  size      \(HumanNumber.counted(incident.metrics, "metric")) in "
        + "\(HumanNumber.counted(incident.size, "event")), \(incident.open) open: "
        + incident.subsystems.map { Layout.printable($0) }.joined(separator: ", "))
    for attribution in incident.attributions {
      lines.append("  by        \(Layout.printable(attribution.sentence))")
    }
    guard !detail.events.isEmpty else { return lines }
    let hidden = incident.size - detail.events.count
    return lines + ["", style.bold("Events")]
      + EventsReport(events: detail.events, now: now).lines(width: width, style: style)
      + (hidden > 0 ? ["  and \(HumanNumber.count(hidden)) more"] : [])
  }

  private func moment(_ moment: Timestamp) -> String {
    "\(Phrases.date(moment)) (\(Phrases.ago(moment, now: now)))"
  }
}
