package import CommandLine
package import Control
import Events
import Series

/// The daemon's status: problems first.
package struct StatusReport {
  package let reply: StatusReply

  package init(reply: StatusReply) {
    self.reply = reply
  }

  private var now: Timestamp { reply.now }

  /// The report in lines.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var lines = [headline(style)]
    func section(_ title: String, _ content: [String]) {
      guard !content.isEmpty else { return }
      lines += ["", style.bold(title)]
      lines += content
    }
    section("Incidents", incidents(width, style))
    section(
      "Problems",
      problemSentences.map { "  \(style.bad("!")) \($0)" })
    section(
      "Silences",
      reply.silences.isEmpty
        ? []
        : SilencesReport(silences: reply.silences, now: now)
          .lines(width: width, style: style, indent: 2) + learningSnapshots)
    section("Metrics", metrics(style))
    section(
      "Inputs",
      InputsReport(reply.inputs, now: now).table.lines(width: width, style: style, indent: 2))
    section("Models", models)
    let outputs = OutputsReport(outputs: reply.outputs, now: now).table
    section("Outputs", outputs.lines(width: width, style: style, indent: 2))
    section("Configuration", configuration)
    section("Resource usage", cost)
    section("Control socket", control)
    section("Saved state", checkpoint)
    return lines
  }

  private func headline(_ style: Style) -> String {
    let age = now.seconds - reply.started.seconds
    let version = Layout.printable(reply.version)
    let who = "anomalyd \(version), pid \(reply.pid), up \(Phrases.span(max(0, age)))"
    let open = reply.incidents.count { $0.state != .muted }
    let news =
      [
        open > 0 ? style.bad(HumanNumber.counted(open, "incident") + " open") : nil,
        problems.isEmpty ? nil : style.bad(HumanNumber.counted(problems.count, "problem")),
      ].compactMap(\.self)
    let allWell = style.good("all well")
    return "\(who): \(news.isEmpty ? allWell : news.joined(separator: ", "))"
  }

  private var problems: [Problem] { reply.currentProblems }

  /// Problems of the daemon, each in a line, with how often and for how long.
  var problemSentences: [String] {
    problems.map { problem in
      let facts = [
        problem.count.map { "\(HumanNumber.count($0)) so far" },
        problem.since.map { "for \(Phrases.span(max(0, now.seconds - $0.seconds)))" },
      ].compactMap(\.self)
      return Layout.printable(problem.text)
        + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
    }
  }

  /// The incidents that are not over, and how many events they consist of.
  private func incidents(_ width: Int?, _ style: Style) -> [String] {
    guard !reply.incidents.isEmpty || reply.openEventCount > 0 else { return [] }
    let lines =
      reply.incidents.isEmpty
      ? []
      : IncidentsReport(incidents: reply.incidents, now: now)
        .lines(width: width, style: style, indent: 2)
    let parts =
      "  \(HumanNumber.counted(reply.openEventCount, "event")) open: anomalyctl incidents ID, "
      + "anomalyctl events --open"
    return lines + [Layout.truncate(parts, width: width ?? .max)]
  }

  /// Detector states saved to undo learning in silences.
  private var learningSnapshots: [String] {
    let kept = reply.learningSnapshots
    guard kept.metrics > 0 else { return [] }
    return [
      "  \(HumanNumber.bytes(kept.bytes)) of at most \(HumanNumber.bytes(kept.maximumBytes)) used "
        + "for the state of \(HumanNumber.counted(kept.metrics, "metric")) before silences"
    ]
  }

  private func metrics(_ style: Style) -> [String] {
    let counts = reply.metrics
    let anomalous = "\(HumanNumber.count(counts.anomalous)) anomalous"
    return [
      "  \(HumanNumber.count(counts.registered)) of at most \(HumanNumber.count(counts.limit)): "
        + "\(HumanNumber.count(counts.normal)) normal, "
        + "\(HumanNumber.count(counts.warming)) warming up\(minutes(", first ready in", counts.firstReady)), "
        + (counts.anomalous > 0 ? style.bad(anomalous) : anomalous)
        + (counts.shown > 0 ? ", \(HumanNumber.count(counts.shown)) only shown" : "")
    ] + outlook + silent + budget
  }

  /// When the last metric can alarm, unless it is also the first one.
  private var outlook: [String] {
    let counts = reply.metrics
    let text = minutes("  all can alarm in", counts.learningLeft)
    return text.isEmpty || counts.learningLeft == counts.firstReady ? [] : [text]
  }

  private func minutes(_ words: String, _ seconds: Double?) -> String {
    seconds.map { "\(words) \(HumanNumber.minutes(.seconds($0)))" } ?? ""
  }

  private var budget: [String] {
    guard let budget = reply.budget else { return [] }
    let owed =
      budget.overdraft >= 0.05
      ? "; \(HumanNumber.fixed(budget.overdraft, decimals: 1)) alarms over budget, thresholds are "
        + "raised" : ""
    return [
      "  alarm budget of \(HumanNumber.value(budget.alarmsPerDay)) a day: one alarm in "
        + "\(HumanNumber.value(budget.samplesPerAlarm)) samples of a metric\(owed)"
    ]
  }

  private var silent: [String] {
    let counts = reply.metrics
    var lines: [String] = []
    if counts.silent > 0 {
      lines.append(
        "  \(HumanNumber.count(counts.silent)) of them \(counts.silent == 1 ? "has" : "have") had "
          + "no sample for an unusually long time")
    }
    if counts.frozen > 0 {
      lines.append(
        "  \(HumanNumber.count(counts.frozen)) of them frozen: see 'anomalyctl models list --frozen'"
      )
    }
    if counts.forgotten + counts.displaced > 0 {
      lines.append(
        "  \(HumanNumber.count(counts.forgotten)) expired without samples, "
          + "\(HumanNumber.count(counts.displaced)) replaced by new ones")
    }
    return lines
  }

  private var configuration: [String] {
    let files =
      reply.configuration.files.isEmpty
      ? ["built-in defaults, no file"] : reply.configuration.files
    return files.map { "  " + Layout.printable($0) }
      + ["  read \(Phrases.ago(reply.configuration.loaded, now: now))"]
  }

  private var cost: [String] {
    let resources = reply.resources
    let memory =
      "  \(HumanNumber.bytes(resources.residentBytes)) of memory, "
      + "\(HumanNumber.bytes(resources.bytesPerMetric)) per metric"
    let time =
      resources.nanosecondsPerSample.map {
        ", \(HumanNumber.duration(seconds: $0 * 1e-9)) per sample"
      } ?? ""
    return [memory, "  \(HumanNumber.counted(resources.samples, "sample"))\(time)"]
  }

  private var checkpoint: [String] {
    guard let checkpoint = reply.checkpoint else { return ["  not kept across restarts"] }
    let last =
      checkpoint.lastAt.map {
        "saved \(Phrases.ago($0, now: now)), \(HumanNumber.bytes(checkpoint.bytes)) in "
          + HumanNumber.duration(seconds: checkpoint.milliseconds / 1000)
      } ?? "not saved yet"
    return ["  \(last)" + (checkpoint.nextIn.map { ", next in \(Phrases.span($0))" } ?? "")]
  }

  private var control: [String] {
    let control = reply.control
    let trouble =
      control.errors > 0 ? ", \(HumanNumber.counted(control.errors, "refused call"))" : ""
    let closed =
      control.closed > 0
      ? ", \(HumanNumber.counted(control.closed, "client")) disconnected (limit exceeded)" : ""
    return [
      "  \(HumanNumber.counted(control.clients, "client")) now, "
        + "\(HumanNumber.count(control.accepted)) since the start, "
        + "\(HumanNumber.counted(control.calls, "call"))\(trouble)\(closed)"
    ]
  }
}
