package import CommandLine
import Control
import Events
import Monitor
import Reports
import Series

/// Draws a ``TopModel`` into the lines of a terminal.
package struct TopScreen {
  /// Columns of the terminal, at least 20.
  package let columns: Int
  /// Lines of the terminal, at least 5.
  package let lines: Int
  package let style: Style
  /// The name of the host, for the first line.
  package let host: String

  package init(columns: Int, lines: Int, style: Style, host: String) {
    self.columns = max(20, columns)
    self.lines = max(5, lines)
    self.style = style
    self.host = host
  }

  /// How many lines are left for the list or the text between header and footer.
  package func page(_ model: TopModel) -> Int {
    max(1, lines - header(model).count - (model.view == .metrics ? 2 : 1))
  }

  /// All lines of the screen.
  package func draw(_ model: inout TopModel) -> [String] {
    let header = header(model)
    let page = page(model)
    let body: [String]
    if model.view == .metrics {
      model.scroll(page: page, count: model.shown.count)
      body = [heading(model)] + rows(model, page)
    } else {
      let text = text(model)
      model.scroll(page: page, count: text.count)
      body = Array(text.dropFirst(model.first).prefix(page))
    }
    let filling = max(0, lines - 1 - header.count - body.count)
    let all = header + body + Array(repeating: "", count: filling) + [footer(model)]
    return Array(all.prefix(lines))
  }

  // MARK: Header and footer

  private func header(_ model: TopModel) -> [String] {
    guard let latest = model.latest else {
      return [fit("anomalyd on \(host)")]
    }
    let status = latest.status
    let age = Phrases.span(max(0, status.now.seconds - status.started.seconds))
    let counts = status.metrics
    let metrics =
      "\(HumanNumber.counted(counts.registered, "metric")): \(HumanNumber.count(counts.normal)) normal, "
      + "\(HumanNumber.count(counts.anomalous)) anomalous, "
      + "\(HumanNumber.count(counts.warming)) warming up"
      + (counts.firstReady.map { " (first ready in \(HumanNumber.minutes(.seconds($0))))" } ?? "")
      + (counts.shown > 0 ? ", \(HumanNumber.count(counts.shown)) only shown" : "")
    let resources = status.resources
    let cost =
      [
        "memory \(HumanNumber.bytes(resources.residentBytes))",
        model.processorShare.map {
          "CPU \(HumanNumber.fixed(100 * max(0, $0), decimals: 1))%"
        },
        resources.nanosecondsPerSample.map {
          "\(HumanNumber.duration(seconds: $0 * 1e-9)) a sample"
        },
        status.budget.map { "budget \(HumanNumber.value($0.alarmsPerDay)) alarms a day" },
      ].compactMap(\.self).joined(separator: ", ")
    let problems = StatusReport(reply: status).problemSentences
    let time = String(status.now.iso8601.dropFirst(11).prefix(8)) + "Z"
    let head = "anomalyd \(Layout.printable(status.version)) on \(host), up \(age)"
    let gap = columns - Layout.columns(head) - time.count
    var lines = [
      gap > 0 ? style.bold(head) + Layout.spaces(gap) + time : fit(head), fit(metrics), fit(cost),
    ]
    lines += problems.prefix(2).map { style.bad(fit("! \($0)")) }
    if problems.count > 2 {
      lines.append(style.bad(fit("! \(problems.count - 2) more: see 'anomalyctl status'")))
    }
    if case .metrics = model.view { lines += incidents(status) }
    // Some of the list is always visible.
    return Array(lines.prefix(max(1, self.lines - 5))) + [""]
  }

  private func incidents(_ status: StatusReply) -> [String] {
    let open = status.incidents.filter { $0.state != .muted }
    guard !open.isEmpty else { return [style.good(fit("no incident is open"))] }
    let most = max(1, min(5, lines / 6))
    let rows = open.prefix(most).map { incident in
      let what =
        "\(incident.severity.name): \(incident.headline), "
        + "\(Phrases.span(max(0, status.now.seconds - incident.began.seconds)))"
        + (incident.attributions.first.map { "; \($0.sentence)" } ?? "")
      return style.tinted(fit(Layout.printable(what)), EventsReport.tint(incident.severity))
    }
    let rest = open.count - rows.count
    return rows
      + (rest > 0 ? [fit("and \(HumanNumber.counted(rest, "incident")) more: press i")] : [])
  }

  private func footer(_ model: TopModel) -> String {
    if model.isTyping { return fit("filter: \(model.filter)_   Enter keeps it, Esc clears it") }
    if let problem = model.problem { return style.bad(fit(problem)) }
    let keys =
      switch model.view {
      case .metrics:
        "q quit  ? help  / filter  s sort: \(model.order.rawValue)  Enter detail  i incidents  e events"
      default: "q back  arrows scroll"
      }
    let remarks =
      (model.isPaused ? "PAUSED, space continues  " : "")
      + (model.filter.isEmpty || model.view != .metrics ? "" : "filter '\(model.filter)'  ")
    return style.faint(fit(remarks + keys))
  }

  private func fit(_ text: String) -> String { Layout.truncate(text, width: columns) }

  // MARK: The list of metrics

  /// Column widths: they add up to the terminal's width; names and reasons get the remainder.
  private struct Widths {
    let value = 11
    let score = 5
    let name: Int
    let band: Int
    let course: Int
    let what: Int

    init(_ columns: Int) {
      course = columns >= 160 ? 40 : columns >= 100 ? 20 : columns >= 60 ? 12 : 0
      band = columns >= 120 ? 24 : 0
      // The mark, and two blanks between columns.
      let gaps = 2 + 2 * (3 + (course > 0 ? 1 : 0) + (band > 0 ? 1 : 0))
      let rest = max(16, columns - gaps - value - score - band - course)
      name = min(48, max(12, rest * 3 / 5))
      what = max(0, rest - name)
    }
  }

  private func heading(_ model: TopModel) -> String {
    row(" ", "metric", "course", "value", "band", "score", "state")
  }

  private func row(
    _ mark: String, _ name: String, _ course: String, _ value: String, _ band: String,
    _ score: String, _ what: String
  ) -> String {
    let widths = Widths(columns)
    var cells = [Layout.pad(Layout.shorten(name, width: widths.name), to: widths.name)]
    if widths.course > 0 { cells.append(Layout.pad(course, to: widths.course)) }
    cells.append(right(value, widths.value))
    if widths.band > 0 {
      cells.append(Layout.pad(Layout.truncate(band, width: widths.band), to: widths.band))
    }
    cells.append(right(score, widths.score))
    cells.append(Layout.truncate(what, width: widths.what))
    return fit("\(mark) " + cells.joined(separator: "  "))
  }

  private func right(_ text: String, _ width: Int) -> String {
    let text = Layout.truncate(text, width: width)
    return Layout.spaces(width - Layout.columns(text)) + text
  }

  private func rows(_ model: TopModel, _ page: Int) -> [String] {
    guard let latest = model.latest else { return [] }
    guard !model.shown.isEmpty else {
      let none =
        model.filter.isEmpty ? "no metrics yet" : "no metric has '\(model.filter)' in its name"
      return [fit("  \(none)")]
    }
    let reasons = Dictionary(
      latest.status.openEvents.map { ($0.metric, EventsReport.what($0)) },
      uniquingKeysWith: { first, _ in first })
    let width = Widths(columns).course
    return model.shown[model.first...].prefix(page).enumerated().map { index, metric in
      let reading = Phrases.reading(
        of: metric.name, metric.value, metric.expected, metric.lower, metric.upper)
      let values = (model.course(of: metric.name) ?? []).map(\.value)
      let isMarked = model.first + index == model.place
      let line = row(
        isMarked ? ">" : " ", Layout.printable(metric.name), Sparkline.draw(values, width: width),
        reading.value, reading.band, Phrases.score(metric.score, of: metric),
        reasons[metric.name].map { Layout.printable($0) }
          ?? state(metric))
      return isMarked
        ? style.reversed(Layout.pad(line, to: columns))
        : style.tinted(line, Phrases.tint(metric.state))
    }
  }

  private func state(_ metric: MetricSummary) -> String {
    let state =
      metric.warmUp.map {
        "warming \(HumanNumber.percent(Double($0.seen) / Double(max(1, $0.needed))))"
      } ?? metric.state.rawValue
    return metric.frozenSince == nil ? state : state + ", frozen"
  }

  // MARK: Texts

  private func text(_ model: TopModel) -> [String] {
    guard let latest = model.latest else { return [] }
    let now = latest.status.now
    switch model.view {
    case .metrics: return []
    case .help: return TopScreen.help
    case .events:
      return latest.events.isEmpty
        ? ["no events are recorded"]
        : EventsReport(events: latest.events, now: now).lines(width: columns, style: style)
    case .incidents:
      return latest.incidents.isEmpty
        ? ["no incidents are recorded"]
        : IncidentsReport(incidents: latest.incidents, now: now).lines(width: columns, style: style)
    case .detail(let name):
      guard let detail = latest.detail, detail.metric.name == name else {
        return ["waiting for \(Layout.printable(name))"]
      }
      return chart(detail, model.bands(of: name)) + [""]
        + MetricReport(detail: detail, now: now).lines(width: columns, style: style)
    }
  }

  private func chart(_ detail: MetricDetail, _ bands: [TopModel.Band]) -> [String] {
    let samples = detail.history
    guard samples.count > 1 else { return [] }
    var panel = Chart.Panel(
      title: "value, and its 99% band since this view was opened (dotted)",
      lines: [.init(name: "value", role: .value, values: samples.map(\.value))])
    var known = bands
    if let lower = detail.metric.lower, let upper = detail.metric.upper,
      let newest = detail.metric.lastSeen, newest > known.last?.at ?? Timestamp(nanoseconds: .min)
    {
      known.append(TopModel.Band(at: newest, lower: lower, upper: upper))
    }
    if !known.isEmpty {
      var next = 0
      var band: TopModel.Band?
      let past = samples.map { sample in
        while next < known.count, known[next].at <= sample.timestamp {
          band = known[next]
          next += 1
        }
        return band
      }
      panel.band = (past.map { $0?.lower ?? .nan }, past.map { $0?.upper ?? .nan })
    }
    let chart = Chart(
      title: Layout.printable(detail.metric.name), axis: .times(samples.map(\.timestamp)),
      panels: [panel])
    return TerminalChart(chart, width: columns, rows: max(4, min(12, lines / 3))).lines(style)
  }

  private static let help = [
    "up, down, k, j    select another metric; page keys, Home and End move farther",
    "Enter             the selected metric: chart, band, evidence, open event",
    "/                 show only metrics whose names contain what you type",
    "s                 sort by score (anomalous ones first), name, or latest sample",
    "i                 incidents, newest first",
    "e                 events, newest first",
    "space             pause, and continue",
    "Esc, Backspace    back; in the list: clear the filter",
    "q                 back; in the list: quit",
    "",
    "score   log10 of the number of normal samples per alarm at this height: at 3, one normal",
    "        sample in 1,000 scores as high; an event opens where the alarm budget allows it",
    "band    the range of 99 of 100 normal values",
    "course  the latest samples; press Enter to see more",
  ]
}
