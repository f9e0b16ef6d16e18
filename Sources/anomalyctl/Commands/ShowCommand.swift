package import CommandLine
package import Control
import Detection
import Events
import Monitor
package import Series

extension Command {
  /// `anomalyctl show`.
  package static let show = Command(
    Usage(
      command: "anomalyctl show",
      summary: "Show one metric: recent samples, expected value and evidence",
      arguments: [.init("METRIC", help: "Name of the metric, as 'anomalyctl metrics' lists it")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init("anomalyctl show cpu.busy", "Why is there an alarm on the CPU?"),
        .init(
          "anomalyctl show cpu.busy --json | jq '.history[-1]'",
          "Its latest sample."
        ),
      ],
      json: "One object, the reply of ShowMetric in io.anomalyd(7)."
    )
  ) { arguments, console in
    let name = arguments.positional[0]
    let detail = try DaemonAccess.ask(arguments) {
      client throws(ControlClientError) -> Result<MetricDetail, CommandFailure> in
      do throws(ControlClientError) {
        return .success(try client.showMetric(name))
      } catch .refused(.noSuchMetric) {
        var names: [String] = []
        try client.listMetrics(MetricListRequest()) { names += $0.map(\.name) }
        return .failure(CommandFailure(NoSuchMetric(name: name, known: names).message))
      }
    }.get()
    if arguments.has("json") {
      try console.write(MessageJSON.line(detail) + "\n")
    } else {
      let report = MetricReport(detail: detail, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}

/// The error for an unknown metric.
package struct NoSuchMetric {
  package let name: String
  package let known: [String]

  package init(name: String, known: [String]) {
    self.name = name
    self.known = known
  }

  /// The message, with suggested names.
  package var message: String {
    let word = name.lowercased()
    let near = NearMiss.of(name, among: known).map { [$0] } ?? []
    let parts = known.filter { $0.lowercased().contains(word) && !near.contains($0) }.sorted()
    let candidates = (near + parts).prefix(5)
    let head = "there is no metric '\(Layout.printable(name))'"
    return candidates.isEmpty
      ? "\(head); 'anomalyctl metrics' lists all \(HumanNumber.count(known.count))"
      : "\(head); did you mean \(candidates.joined(separator: ", "))?"
  }
}

/// One metric in full.
package struct MetricReport {
  package let detail: MetricDetail
  private let now: Timestamp

  package init(detail: MetricDetail, now: Timestamp) {
    self.detail = detail
    self.now = now
  }

  /// The decades from which a kind of evidence counts as unusual.
  private static let speaks = 2.0

  /// The report in lines.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var lines = [headline(style)]
    func section(_ title: String, _ content: [String]) {
      guard !content.isEmpty else { return }
      lines += ["", style.bold(title)]
      lines += content
    }
    lines += newest(style)
    if let since = detail.metric.frozenSince {
      lines.append(
        "  \(style.warning("frozen"))    since \(Phrases.date(since)): it does not learn until "
          + "'models unfreeze'")
    }
    lines += silences(style)
    section("Course", Phrases.course(detail.history, width: width))
    section("Open event", event)
    section("Evidence, now", evidence(width, style))
    section("Feedback", feedback)
    section("Detector", detector(width, style))
    return lines
  }

  private func headline(_ style: Style) -> String {
    let metric = detail.metric
    let name = style.bold(Layout.printable(metric.name))
    switch metric.state {
    case .anomalous:
      let since =
        detail.openEvent.map { " since \(Phrases.date($0.opened)) (\(age(of: $0.opened)))" } ?? ""
      return "\(name) is \(style.bad("anomalous"))\(since)"
    case .normal:
      return "\(name) is \(style.good("normal"))"
    case .shown:
      return "\(name) is only shown: it has no detector (Detect=yes in [Metric] enables one)"
    case .warming:
      guard let warmUp = metric.warmUp else { return "\(name) is warming up, no alarms yet" }
      let share = HumanNumber.percent(Double(warmUp.seen) / Double(max(1, warmUp.needed)))
      let end =
        warmUp.expectedEnd.flatMap { end in
          let left = end.seconds - now.seconds
          return left > 0
            ? ", alarms from \(Phrases.date(end)) on (\(Phrases.span(left)) left)" : nil
        } ?? ", no alarms yet"
      return "\(name) is warming up: \(HumanNumber.count(warmUp.seen)) of "
        + "\(HumanNumber.count(warmUp.needed)) samples, \(share)\(end)"
    }
  }

  private func age(of moment: Timestamp) -> String { Phrases.ago(moment, now: now) }

  private func newest(_ style: Style) -> [String] {
    let metric = detail.metric
    let isOutside =
      metric.value.map { value in
        (metric.upper.map { value > $0 } ?? false) || (metric.lower.map { value < $0 } ?? false)
      } ?? false
    let reading = Phrases.reading(
      of: metric.name, metric.value, metric.expected, metric.lower, metric.upper)
    let value = metric.value == nil ? "none (a gap)" : reading.value
    let band = reading.band == "-" ? "" : ", \(reading.band) in 99 of 100"
    let newest = "  value     \(isOutside ? style.bad(value) : value), \(age(metric.lastSeen))"
    if metric.state == .shown { return [newest] }
    let lines = [
      newest,
      "  expected  \(reading.expected)\(band)",
    ]
    if metric.state == .warming { return lines }
    return lines + [
      "  score     \(Phrases.score(metric.score))\(rarity)",
      "  level     \(Phrases.score(metric.level)), the score smoothed over the last 50 samples",
    ]
  }

  private func silences(_ style: Style) -> [String] {
    let report = SilencesReport(silences: detail.silences, now: now)
    return detail.silences.map { "  \(style.warning("muted"))  by \(report.sentence(of: $0))" }
  }

  private func age(_ moment: Timestamp?) -> String { Phrases.ago(moment, now: now) }

  private var rarity: String {
    let score = detail.metric.score
    guard score < 0.5 else {
      return ", reached by one normal sample in \(Phrases.oneIn(score))"
    }
    // A rule or the hold-off may keep an event open.
    return detail.metric.state == .anomalous
      ? ", the latest sample is normal; the event is not over yet" : ", nothing unusual"
  }

  private var event: [String] {
    guard let event = detail.openEvent else { return [] }
    return [
      "  \(Layout.printable(event.explanation))",
      "  severity \(event.severity.name), "
        + "for \(Phrases.span(max(0, now.seconds - event.began.seconds))) "
        + "(since \(Phrases.date(event.began))); farthest at \(HumanNumber.value(event.peakValue)), "
        + Phrases.ago(event.peakAt, now: now),
      "  because \(Phrases.reason(event.reason)); score \(Phrases.score(event.score)), "
        + "peak \(Phrases.score(event.peakScore))",
      "  id \(event.id)",
    ]
  }

  private func evidence(_ width: Int?, _ style: Style) -> [String] {
    guard ![.warming, .shown].contains(detail.metric.state), !detail.evidence.isEmpty else {
      return []
    }
    var table = Table([
      .text("kind"), .number("decades"), .text("how rare").optional(1),
      .text("meaning", yields: true),
    ])
    for reading in detail.evidence.sorted(by: { $0.decades > $1.decades }) {
      let speaks = reading.decades >= MetricReport.speaks
      let rare = reading.decades >= MetricReport.speaks * 2
      let rarity = speaks ? "one sample in \(Phrases.oneIn(reading.decades))" : "usual"
      let tint: Style.Tint = rare ? .bad : speaks ? .warning : .faint
      table.add([
        Table.Cell(reading.kind, tint), Table.Cell(Phrases.score(reading.decades), tint),
        Table.Cell(rarity, tint),
        Table.Cell(speaks ? Phrases.reason(reading.kind) : "", nil),
      ])
    }
    return table.lines(width: width, style: style, indent: 2)
  }

  private var feedback: [String] {
    guard !detail.feedback.isEmpty else { return [] }
    let raised =
      detail.raised.isEmpty
      ? "no offsets are in effect"
      : "offsets in effect: \(FeedbackReport.raises(detail.raised))"
    return ["  \(raised); halves every 14 days"]
      + detail.feedback.map { entry in
        let said = entry.judgement == .falseAlarm ? "false alarm" : "confirmed"
        return "  \(said)  \(entry.event) (\(age(of: entry.at)))"
      }
  }

  private func detector(_ width: Int?, _ style: Style) -> [String] {
    let metric = detail.metric
    let facts = detail.facts.map {
      "  \(Layout.printable($0.name)): \(HumanNumber.value($0.value))"
    }
    return [
      "  \(HumanNumber.counted(metric.samples, "sample")) seen, "
        + "\(HumanNumber.counted(metric.gaps, "gap")), \(HumanNumber.bytes(detail.bytes)) of memory"
    ] + facts
  }
}
