package import CommandLine
import Control
import Events
import Reports
package import Series

/// An ``Explanation`` as text.
package struct ExplanationReport {
  private let explanation: Explanation
  private let now: Timestamp
  private let width: Int
  private let style: Style

  /// - Parameter width: columns of the terminal; nil: 100.
  package init(
    _ explanation: Explanation, now: Timestamp, width: Int? = nil, style: Style = .plain
  ) {
    self.explanation = explanation
    self.now = now
    self.width = max(40, width ?? 100)
    self.style = style
  }

  private var event: EventMessage { explanation.event }

  /// Maximum number of companions listed.
  private static let mostCompanions = 12

  /// The report in lines.
  package func lines() -> [String] {
    let state = explanation.recorded.closed == nil ? style.bad("open") : style.good("closed")
    var lines = [
      "\(style.bold(Layout.printable(event.metric))): event \(event.id), \(state)"
    ]
    lines += wrap(Layout.printable(explanation.recorded.sentence) + ".")
    func section(_ title: String, _ content: [String]) {
      guard !content.isEmpty else { return }
      lines += ["", style.bold(title)]
      lines += content
    }
    section("How rare", rarity + chart)
    section("Evidence", evidence)
    section("When it was last like this", history)
    section("What moved with it", company)
    section("Budget, severity and outputs", verdict)
    section("What you can do", remedies)
    return lines
  }

  private func wrap(_ text: String) -> [String] {
    Layout.wrap(text, width: width - 2).map { "  " + $0 }
  }

  // MARK: Rarity

  private var rarity: [String] {
    guard let opening = explanation.opening, let peak = explanation.peak else {
      return wrap("It did not open because of rarity: \(Phrases.reason(event.reason)).")
    }
    let rate =
      explanation.interval.map {
        ", with a sample every \(HumanNumber.duration(seconds: $0))"
      } ?? ""
    var text =
      "One normal sample of this metric in \(Phrases.oneIn(opening.score)) scores as high as the "
      + "opening (\(Phrases.score(opening.score)))\(often(opening))\(rate)."
    if peak.score >= opening.score + 0.3 {
      text +=
        " The peak (\(Phrases.score(peak.score))) is rarer: one in \(Phrases.oneIn(peak.score))"
        + often(peak) + "."
    }
    if let seen = explanation.metric?.metric.samples, Double(seen) < opening.samples {
      text +=
        " The metric has had \(HumanNumber.counted(seen, "sample")) so far; rarer than that is an "
        + "extrapolation."
    }
    return wrap(text)
  }

  private func often(_ rarity: Explanation.Rarity) -> String {
    rarity.seconds.map { ", \(Phrases.onceIn(seconds: $0))" } ?? ""
  }

  private var chart: [String] {
    let samples = explanation.detail.samples
    guard samples.count > 2, samples.contains(where: { $0.value.isFinite }) else { return [] }
    var panel = Chart.Panel(
      title: "value, and the 99% band at the opening (dotted)",
      lines: [.init(name: "value", role: .value, values: samples.map(\.value))])
    if let lower = event.lower, let upper = event.upper {
      panel.band = (
        Array(repeating: lower, count: samples.count), Array(repeating: upper, count: samples.count)
      )
    }
    var chart = Chart(title: "", axis: .times(samples.map(\.timestamp)), panels: [panel])
    let first = samples.firstIndex { $0.timestamp >= event.began }
    let end = explanation.recorded.closed ?? now
    if let first, let last = samples.lastIndex(where: { $0.timestamp <= end }), first <= last {
      chart.spans = [Chart.Span(first...last, .event)]
    }
    return TerminalChart(chart, width: min(width, 100), rows: 6).lines(style)
  }

  // MARK: Evidence

  private var evidence: [String] {
    let kinds = explanation.kinds
    guard !kinds.isEmpty else { return [] }
    var table = Table([
      .text("evidence"), .text("kind").optional(2), .number("decades"),
      .text("how rare").optional(1), .text("meaning", yields: true),
    ])
    let speaking = kinds.filter { $0.decades >= 2 }
    for kind in speaking {
      let tint: Style.Tint = kind.decades >= 4 ? .bad : .warning
      table.add([
        Table.Cell(kind.about, tint), Table.Cell(kind.kind, tint),
        Table.Cell(Phrases.score(kind.decades), tint),
        Table.Cell("one in \(Phrases.oneIn(kind.decades))", tint), Table.Cell(kind.meaning),
      ])
    }
    let usual = kinds.filter { $0.decades < 2 }.map(\.kind).joined(separator: ", ")
    return (speaking.isEmpty ? [] : table.lines(width: width, style: style, indent: 2))
      + (usual.isEmpty ? [] : wrap("As usual: \(usual)."))
  }

  // MARK: History

  private var history: [String] {
    var sentences: [String] = []
    if let recurrence = explanation.detail.recurrence {
      sentences.append("Compared with earlier events: \(recurrence.remark).")
    }
    guard let latest = explanation.earlier.first else {
      sentences.append("The history has no earlier event of this metric.")
      return sentences.flatMap(wrap)
    }
    let count = explanation.earlier.count
    let alike = explanation.alike
    sentences.append(
      "The history has \(HumanNumber.counted(count, "earlier event")) of this metric, since "
        + "\(Phrases.date(explanation.earlier[count - 1].event.opened)).")
    if let last = alike.first {
      sentences.append(
        "Of the same kind: \(HumanNumber.count(alike.count)), the last one was \(described(last)).")
    } else {
      sentences.append("None was of the same kind; the last of any kind was \(described(latest)).")
    }
    if let rare = explanation.asRare {
      if rare.event.id != alike.first?.event.id {
        sentences.append("At least as rare: the last one was \(described(rare)).")
      }
    } else if explanation.opening != nil {
      sentences.append("None was as rare as this.")
    }
    return sentences.flatMap(wrap)
  }

  private func described(_ earlier: RecordedEventMessage) -> String {
    let event = earlier.event
    let length = earlier.closed.map {
      ", for \(Phrases.span(max(0, $0.seconds - event.began.seconds)))"
    }
    return
      "\(Phrases.ago(event.opened, now: now)) (\(event.severity.name)\(length ?? ", still open"), "
      + "event \(event.id.description.suffix(8)))"
  }

  // MARK: Company

  private var company: [String] {
    guard let incident = explanation.incident?.incident else { return [] }
    let companions = explanation.companions
    let id = incident.id.description.suffix(4)
    var lines: [String] = []
    if companions.isEmpty {
      lines += wrap("Nothing: it is the only event in incident \(id).")
    } else {
      lines += wrap(
        "Incident \(id), \(Layout.printable(incident.headline)): "
          + "\(HumanNumber.counted(incident.metrics, "metric")).")
      var table = Table([
        .number("began"), .name("metric"), .text("severity").optional(1),
        .text("what", yields: true),
      ])
      for companion in companions.prefix(ExplanationReport.mostCompanions) {
        let sign = companion.offset < 0 ? "-" : "+"
        table.add([
          Table.Cell("\(sign)\(Phrases.span(abs(companion.offset)))"), Table.Cell(companion.metric),
          Table.Cell(companion.severity.name, EventsReport.tint(companion.severity)),
          Table.Cell(companion.what),
        ])
      }
      lines += table.lines(width: width, style: style, indent: 2)
      let rest = incident.size - 1 - min(companions.count, ExplanationReport.mostCompanions)
      if rest > 0 { lines.append("  and \(HumanNumber.count(rest)) more") }
    }
    for attribution in incident.attributions {
      lines += wrap("By \(Layout.printable(attribution.sentence)).")
    }
    return lines
  }

  // MARK: Budget

  /// Which outputs are notified of the incident, and which are not, and why.
  private var notification: [String] {
    if let muted = explanation.recorded.silence {
      return ["It was muted by \(Layout.printable(muted)): recorded, and no output notified."]
    }
    guard let incident = explanation.incident?.incident else {
      return ["Its incident is no longer stored: which outputs were notified is not known."]
    }
    func name(_ output: Explanation.Recipient) -> String {
      Layout.printable(output.name == output.type ? output.name : "\(output.type) \(output.name)")
    }
    let recipients = explanation.recipients
    let notified = recipients.filter(\.notified).map(name).joined(separator: ", ")
    let isSettling = incident.state == .settling
    let lead =
      if notified.isEmpty {
        isSettling
          ? "No output will be notified of its incident" : "No output was notified of its incident"
      } else {
        isSettling
          ? "Will be notified shortly: \(notified)" : "Notified of its incident: \(notified)"
      }
    return [lead + "."]
      + recipients.compactMap { output in
        output.reason.map { "Not sent to \(name(output)): \($0)." }
      }
  }

  private var verdict: [String] {
    var sentences = notification
    let reason = explanation.detail.severityReason.map { ": \(Layout.printable($0))" } ?? ""
    sentences.append("Its severity is \(event.severity.name)\(reason).")
    if explanation.opening != nil {
      if let budget = explanation.budget {
        let owed =
          budget.overdraft >= 0.05
          ? "; the budget is currently overdrawn by "
            + "\(HumanNumber.fixed(budget.overdraft, decimals: 1))" : ""
        sentences.append(
          "The host is allowed \(HumanNumber.value(budget.alarmsPerDay)) false alarms a "
            + "day\(owed).")
      }
      if let threshold = explanation.threshold {
        sentences.append(
          "The metric currently alarms at scores of \(Phrases.score(threshold)) "
            + "and above.")
      }
    }
    if let feedback = explanation.recorded.feedback, feedback.judgement != .withdrawn {
      let said = feedback.judgement == .falseAlarm ? "a false alarm" : "a real problem"
      sentences.append(
        "A user (\(feedback.user)) called it \(said) \(Phrases.ago(feedback.at, now: now)).")
    }
    return sentences.flatMap(wrap)
  }

  private var remedies: [String] {
    let remedies = explanation.remedies
    let column = remedies.reduce(0) { max($0, Layout.columns($1.when)) }
    return remedies.map { "  \(Layout.pad($0.when, to: column))  \(Layout.printable($0.what))" }
  }
}
