import CommandLine
import Evaluation
import Models
import Series

/// The results of `anomalyctl evaluate`, for people and for scripts.
struct EvaluationReport {
  /// The files.
  let series: [EvaluatedSeries]
  /// All measures of the labelled ones.
  let scorecard: Scorecard
  /// How often values were inside the 95% band.
  let coverage: BandCoverage
  /// How alarms and anomalies were matched.
  let matching: String
  /// How long it took.
  let elapsed: Duration
  /// Trace events of a thread per alarm, according to the budget of a trace model; nil for others.
  let traceBudget: Double?
  private let ruleForm: AlarmRule.Form

  /// - Parameters:
  ///   - matching: a description of how alarms and anomalies were matched.
  ///   - rule: the alarm rule; nil for a trace model with `traceBudget`.
  init(
    matching: String, rule: AlarmRule.Form, traceBudget: Double? = nil, series: [EvaluatedSeries],
    elapsed: Duration
  ) {
    self.series = series
    self.elapsed = elapsed
    self.matching = matching
    self.traceBudget = traceBudget
    ruleForm = rule
    let labelled = series.filter(\.isLabelled)
    scorecard = Scorecard(measured: labelled.map(\.score), labelled.map(\.series))
    coverage = series.reduce(into: BandCoverage()) { $0 += $1.coverage }
  }

  /// The measures that have an interval.
  var intervals: [(Scorecard.Measure, Bootstrap.Interval)] {
    Scorecard.Measure.allCases.compactMap { measure in
      scorecard.interval(measure).map { (measure, $0) }
    }
  }

  /// False alarms a day allowed by the budget of a calibrated model; nil for a fixed threshold.
  var budgetPerDay: Double? {
    guard traceBudget == nil, case .calibrated(let budget) = ruleForm else { return nil }
    let intervals = series.map(\.interval).filter { $0 > 0 }.sorted()
    guard !intervals.isEmpty else { return nil }
    return 86_400e9 / Double(intervals[intervals.count / 2]) / budget
  }

  /// False alarms among this many normal rows.
  func falseAlarms(in rows: Double) -> Double {
    let normal = scorecard.points.trueNegatives + scorecard.points.falsePositives
    return Double(scorecard.events.falseAlarms.count) * rows / Double(max(1, normal))
  }

  /// The report for people.
  func lines(_ console: Console) -> [String] {
    let tables = EvaluationTables(series: series)
    var lines: [String] = []
    if series.count > 1 { lines += tables.files(console) + [""] }
    lines += tables.detections(console)
    if series.contains(where: \.isLabelled) {
      lines += scores(console) + ["", "Matched: \(matching).", ""]
    }
    return lines + tables.forecasts(console) + bands + [summary]
  }

  private func scores(_ console: Console) -> [String] {
    let (points, events) = (scorecard.points, scorecard.events)
    var table = Table([
      .text("by"), .number("precision"), .number("recall"), .number("F1"),
      .text("95% interval").optional(1), .text("of which"),
    ])
    let fixed = EvaluationTables.fixed
    table.add([
      "point", Table.Cell(fixed(points.precision)), Table.Cell(fixed(points.recall)),
      Table.Cell(fixed(points.f1), .strong), interval(.pointF1),
      Table.Cell(
        "\(HumanNumber.count(points.truePositives)) rows true positive, "
          + "\(HumanNumber.count(points.falsePositives)) false positive, "
          + "\(HumanNumber.count(points.falseNegatives)) false negative, "
          + "\(HumanNumber.count(points.trueNegatives)) true negative"),
    ])
    table.add([
      "event", Table.Cell(fixed(events.precision)), Table.Cell(fixed(events.recall)),
      Table.Cell(fixed(events.f1), .strong), interval(.eventF1),
      Table.Cell(
        "\(events.found) of \(events.anomalies.count) anomalies found, "
          + HumanNumber.counted(events.falseAlarms.count, "false alarm")),
    ])
    let affiliation = scorecard.affiliation
    table.add([
      "affiliation", Table.Cell(fixed(affiliation.precision)),
      Table.Cell(fixed(affiliation.recall)), Table.Cell(fixed(affiliation.f1), .strong),
      interval(.affiliation), "by distance in time; random alarms have 0.5",
    ])
    return table.lines(width: console.width, style: console.style) + [ranks, rates]
  }

  private func interval(_ measure: Scorecard.Measure) -> Table.Cell {
    guard let interval = scorecard.interval(measure) else { return "-" }
    let fixed = EvaluationTables.fixed
    return Table.Cell("\(fixed(interval.lower)) to \(fixed(interval.upper))")
  }

  /// Measures that need no threshold, and those of trivial detectors.
  private var ranks: String {
    let fixed = EvaluationTables.fixed
    var parts: [String] = []
    if let area = scorecard.averagePrecision { parts.append("AUC-PR \(fixed(area))") }
    if let volume = scorecard.value(.vusPR) { parts.append("VUS-PR \(fixed(volume))") }
    if let best = scorecard.hindsight {
      parts.append("point F1 \(fixed(best.f1)) with the threshold that is best in hindsight")
    }
    if let f1 = scorecard.points.f1OfEverything {
      parts.append("flagging every row: point F1 \(fixed(f1))")
    }
    return parts.joined(separator: ", ")
  }

  private var rates: String {
    var parts: [String] = []
    if let rate = scorecard.points.falseAlarmRate {
      parts.append("\(HumanNumber.fixed(100 * rate, decimals: 2))% of normal rows alarm")
    }
    if let traceBudget {
      let rate = HumanNumber.fixed(falseAlarms(in: traceBudget), decimals: 2)
      parts.append("\(rate) false alarms in \(HumanNumber.value(traceBudget)) events (budget 1)")
    } else if let rate = scorecard.events.falseAlarmsPerDay {
      let budget = budgetPerDay.map { " (budget \(HumanNumber.value($0)))" } ?? ""
      parts.append("\(HumanNumber.value(rate)) false alarms a day\(budget)")
    }
    if let delay = scorecard.events.medianDelay {
      parts.append("median delay \(HumanNumber.duration(delay))")
    }
    return parts.joined(separator: ", ")
  }

  private var bands: [String] {
    let shares = coverage.shares
    guard !shares.isEmpty else { return [] }
    let texts = shares.map { "\(HumanNumber.percent($0.share)) at \($0.horizon)" }
    return [
      "Values inside the 95% band, by rows ahead: " + texts.joined(separator: ", ") + ".", "",
    ]
  }

  private var summary: String {
    func rows(_ text: String, _ count: (EvaluatedSeries.Uncounted) -> Int) -> String? {
      let sum = series.reduce(0) { $0 + count($1.uncounted) }
      return sum > 0 ? "\(HumanNumber.count(sum)) \(text)" : nil
    }
    var parts = ["\(HumanNumber.count(series.reduce(0) { $0 + $1.series.count })) rows"]
    parts += [
      rows("used for training, not counted") { $0.trained },
      rows("before the model was ready") { $0.lead }, rows("ignored") { $0.ignored },
    ].compactMap(\.self)
    parts.append(HumanNumber.counted(series.reduce(0) { $0 + $1.detections.count }, "detection"))
    let unlabelled = series.count { !$0.isLabelled }
    if unlabelled == series.count {
      parts.append("no labels: not scored")
    } else if unlabelled > 0 {
      parts.append("\(HumanNumber.counted(unlabelled, "file")) without labels not scored")
    }
    parts.append("took \(HumanNumber.duration(elapsed))")
    return parts.joined(separator: ", ")
  }
}
