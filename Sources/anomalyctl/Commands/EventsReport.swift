package import CommandLine
package import Control
import Events
package import Series

/// A list of events.
package struct EventsReport {
  /// The events in order.
  package let events: [RecordedEventMessage]
  private let now: Timestamp

  package init(events: [RecordedEventMessage], now: Timestamp) {
    self.events = events
    self.now = now
  }

  /// The list in lines, heading first.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var table = Table([
      .text("opened"), .text("for").optional(1), .text("severity"), .name("metric"),
      .text("what", yields: true), .text("id"),
    ])
    for event in events {
      table.add([
        Table.Cell(
          Phrases.date(event.event.opened), short: Phrases.shortDate(event.event.opened, now: now)),
        Table.Cell(duration(event), event.closed == nil ? .bad : nil),
        Table.Cell(event.event.severity.name, EventsReport.tint(event.event.severity)),
        Table.Cell(event.event.metric),
        Table.Cell(EventsReport.remarks(event) + EventsReport.what(event.event)),
        Table.Cell(EventsReport.shortID(event), .faint),
      ])
    }
    return table.lines(width: width, style: style)
  }

  /// A step in one line.
  package static func line(_ event: RecordedEventMessage, style: Style) -> String {
    let moment = event.closed ?? event.event.updated ?? event.event.opened
    let state =
      switch event.state {
      case "closed": style.good("normal ")
      case "updated": style.bad("update ")
      default: style.bad("ANOMALY")
      }
    return "\(style.faint(Phrases.date(moment))) \(state) "
      + Layout.printable(remarks(event) + event.sentence) + " " + style.faint(shortID(event))
  }

  /// The explanation without the metric's name, which is in its own column.
  static func what(_ event: EventMessage) -> String {
    let name = event.metric + " "
    return String(
      event.explanation.dropFirst(event.explanation.hasPrefix(name) ? name.count : 0))
  }

  private func duration(_ event: RecordedEventMessage) -> String {
    guard let closed = event.closed else { return "open" }
    return Phrases.span(max(0, closed.seconds - event.event.began.seconds))
  }

  /// Remarks before the description.
  private static func remarks(_ event: RecordedEventMessage) -> String {
    let said =
      switch event.feedback?.judgement {
      case .falseAlarm: "[false alarm] "
      case .confirmed: "[confirmed] "
      case .withdrawn, nil: ""
      }
    return said + (event.silence == nil ? "" : "[silenced] ")
  }

  /// The colour of a severity.
  static func tint(_ severity: Severity) -> Style.Tint? {
    switch severity {
    case .critical, .error: .bad
    case .warning: .warning
    case .info: .faint
    }
  }

  private static func shortID(_ event: RecordedEventMessage) -> String {
    String(event.event.id.description.suffix(8))
  }
}
