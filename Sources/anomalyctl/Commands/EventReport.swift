package import CommandLine
package import Control
import Detection
import Events
import Monitor
package import Series

/// One event in full.
package struct EventReport {
  package let detail: EventDetail
  private let now: Timestamp

  package init(detail: EventDetail, now: Timestamp) {
    self.detail = detail
    self.now = now
  }

  private var recorded: RecordedEventMessage { detail.event }
  private var event: EventMessage { detail.event.event }

  /// The report in lines.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    let state = recorded.closed == nil ? style.bad("open") : style.good("closed")
    var lines = [
      "\(style.bold(Layout.printable(event.metric))): event \(event.id), \(state)",
      "  \(Layout.printable(recorded.sentence))",
    ]
    func section(_ title: String, _ content: [String]) {
      guard !content.isEmpty else { return }
      lines += ["", style.bold(title)]
      lines += content
    }
    section("When", times)
    section("What", values)
    if detail.samples.contains(where: { $0.value.isFinite }) {
      section("Samples around the opening", Phrases.course(detail.samples, width: width))
    }
    section("Evidence at the opening", evidence(width, style))
    section("Incident", incident(width, style))
    section("Silence", silence)
    section("Feedback", feedback)
    return lines
  }

  private var times: [String] {
    var lines = [
      "  began     \(moment(event.began))", "  opened    \(moment(event.opened))",
    ]
    if let updated = event.updated { lines.append("  updated   \(moment(updated))") }
    let end = recorded.closed ?? now
    let length = Phrases.span(max(0, end.seconds - event.began.seconds))
    lines.append(
      recorded.closed.map { "  closed    \(moment($0)), after \(length)" }
        ?? "  open      for \(length)")
    lines.append("  recorded  \(moment(recorded.recorded)), the latest step")
    return lines
  }

  private func moment(_ moment: Timestamp) -> String {
    "\(Phrases.date(moment)) (\(Phrases.ago(moment, now: now)))"
  }

  private var values: [String] {
    let reading = Phrases.reading(
      of: event.metric, event.value, event.expected, event.lower, event.upper)
    let band = reading.band == "-" ? "" : ", \(reading.band) in 99 of 100"
    return [
      "  severity  \(event.severity.name)",
      "  value     \(reading.value), \(event.direction.name)",
      "  expected  \(reading.expected)\(band)",
      "  score     \(Phrases.score(event.score)), peak \(Phrases.score(event.peakScore))",
      "  \(event.direction == .low ? "lowest  " : "peak    ")  \(peak) at \(Phrases.date(event.peakAt))",
      "  because   \(Phrases.reason(event.reason))",
    ]
  }

  private var peak: String {
    let values = [event.peakValue ?? .nan, event.value ?? .nan, event.expected ?? .nan]
    return MetricUnit.texts(values, of: MetricName(sanitizing: event.metric))[0]
  }

  private func evidence(_ width: Int?, _ style: Style) -> [String] {
    guard !detail.evidence.isEmpty else { return [] }
    var table = Table([.text("kind"), .number("decades"), .text("meaning", yields: true)])
    for reading in detail.evidence.sorted(by: { $0.decades > $1.decades }) {
      let speaks = reading.decades >= 2
      let tint: Style.Tint = reading.decades >= 4 ? .bad : speaks ? .warning : .faint
      table.add([
        Table.Cell(reading.kind, tint), Table.Cell(Phrases.score(reading.decades), tint),
        Table.Cell(speaks ? Phrases.reason(reading.kind) : "usual", speaks ? nil : .faint),
      ])
    }
    return table.lines(width: width, style: style, indent: 2)
  }

  private func incident(_ width: Int?, _ style: Style) -> [String] {
    guard let incident = detail.incident, incident.size > 1 else { return [] }
    var table = Table([.text("began"), .name("metric"), .text("id")])
    for member in incident.events {
      table.add([
        Table.Cell(
          Phrases.date(member.began), short: Phrases.shortDate(member.began, now: now)),
        Table.Cell(member.metric.text, member.id == event.id ? .bad : nil),
        Table.Cell(String(member.id.description.suffix(8)), .faint),
      ])
    }
    return [
      "  event \(HumanNumber.count(incident.position)) of \(HumanNumber.count(incident.size)) in its "
        + "incident, \(HumanNumber.count(incident.open)) open at the latest step"
    ] + table.lines(width: width, style: style, indent: 2)
  }

  private var silence: [String] {
    recorded.silence.map { ["  this step was muted: \(Layout.printable($0))"] } ?? []
  }

  private var feedback: [String] {
    guard let feedback = recorded.feedback else { return [] }
    let said = feedback.judgement == .falseAlarm ? "a false alarm" : "confirmed"
    var lines = ["  \(said), by user \(feedback.user) (\(Phrases.ago(feedback.at, now: now)))"]
    if !feedback.note.isEmpty { lines.append("  \(Layout.printable(feedback.note))") }
    return lines
  }
}
