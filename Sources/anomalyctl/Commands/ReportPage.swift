import CommandLine
import Evaluation
import Models
import Reports
import Series

/// The page of `anomalyctl report`.
struct ReportPage {
  private let title: String
  private let model: TrainedModel
  private let report: EvaluationReport
  private let comparison: Comparison?

  /// Maximum number of files drawn, and of lines in a table.
  private static let mostCharts = 12
  private static let mostLines = 200

  init(
    title: String, model: TrainedModel, report: EvaluationReport, comparison: Comparison?
  ) {
    self.title = title
    self.model = model
    self.report = report
    self.comparison = comparison
  }

  /// The page.
  var html: String {
    let rows = report.series.reduce(0) { $0 + $1.series.count }
    var page = Page(
      title: title,
      subtitle: "\(model.kind) on \(HumanNumber.counted(report.series.count, "file")), "
        + "\(HumanNumber.count(rows)) rows; anomalyctl \(Product.version)")
    page.add("Scores", scores)
    page.add("Comparison", comparison.map { compared($0) } ?? [])
    page.add("Pictures", pictures)
    page.add("Anomalies and detections", events)
    page.add("Files", [files])
    page.add("Model", modelParts)
    return page.html
  }

  private static func fixed(_ value: Double?) -> String { EvaluationTables.fixed(value) }

  private var scores: [Page.Part] {
    guard report.series.contains(where: \.isLabelled) else {
      return [.text("No labels: not scored.")]
    }
    let (score, fixed) = (report.scorecard, ReportPage.fixed)
    func interval(_ measure: Scorecard.Measure) -> String {
      score.interval(measure).map { "\(fixed($0.lower)) to \(fixed($0.upper))" } ?? "-"
    }
    let rows = [
      [
        "by point", fixed(score.points.precision), fixed(score.points.recall),
        fixed(score.points.f1), interval(.pointF1),
      ],
      [
        "by event", fixed(score.events.precision), fixed(score.events.recall),
        fixed(score.events.f1), interval(.eventF1),
      ],
      [
        "by distance in time (affiliation)", fixed(score.affiliation.precision),
        fixed(score.affiliation.recall), fixed(score.affiliation.f1), interval(.affiliation),
      ],
    ]
    var facts: [(name: String, value: String)] = [
      ("Anomalies found", "\(score.events.found) of \(score.events.anomalies.count)"),
      ("False alarms", "\(score.events.falseAlarms.count)"),
      ("AUC-PR", fixed(score.averagePrecision)), ("VUS-PR", fixed(score.value(.vusPR))),
    ]
    if let best = score.hindsight {
      facts.append(("Point F1, best threshold in hindsight", fixed(best.f1)))
    }
    if let f1 = score.points.f1OfEverything {
      facts.append(("Point F1 of flagging every row", fixed(f1)))
    }
    if let rate = score.events.falseAlarmsPerDay {
      let budget = report.budgetPerDay.map { ", budget \(HumanNumber.value($0))" } ?? ""
      facts.append(("False alarms a day", HumanNumber.value(rate) + budget))
    }
    if let delay = score.events.medianDelay {
      facts.append(("Median delay", HumanNumber.duration(delay)))
    }
    let bands = report.coverage.shares
    if !bands.isEmpty {
      let texts = bands.map { "\(HumanNumber.percent($0.share)) at \($0.horizon)" }
      facts.append(("Inside the 95% band, by rows ahead", texts.joined(separator: ", ")))
    }
    let points = score.points
    return [
      .table(headings: ["", "precision", "recall", "F1", "95% interval"], rows: rows),
      .facts(facts),
      .confusion(
        truePositives: points.truePositives, falsePositives: points.falsePositives,
        falseNegatives: points.falseNegatives, trueNegatives: points.trueNegatives),
      .text("How alarms and labels were matched: \(report.matching)."),
    ]
  }

  private func compared(_ comparison: Comparison) -> [Page.Part] {
    let fixed = ReportPage.fixed
    return [
      .table(
        headings: [
          "detector", "point F1", "event F1", "found", "false alarms", "AUC-PR", "VUS-PR",
          "affiliation", "difference", "95% interval",
        ],
        rows: comparison.rows.map { row in
          [
            row.name, fixed(row.scorecard.points.f1), fixed(row.scorecard.value(.eventF1)),
            "\(row.scorecard.events.found)/\(row.scorecard.events.anomalies.count)",
            "\(row.scorecard.events.falseAlarms.count)", fixed(row.scorecard.averagePrecision),
            fixed(row.scorecard.value(.vusPR)), fixed(row.scorecard.affiliation.f1),
            row.advantage.map { ComparisonReport.signed($0.difference) } ?? "-",
            ComparisonReport.text(row.advantage?.interval),
          ]
        }),
      .text(
        "Difference: \(comparison.measure.rawValue) of the first minus that of the row. Only rows "
          + "judged by all detectors count: \(HumanNumber.count(comparison.counted)) of "
          + "\(HumanNumber.count(comparison.counted + comparison.uncounted))."),
    ]
  }

  /// The most interesting files.
  private var pictures: [Page.Part] {
    let order = report.series.indices.sorted {
      let (one, other) = (report.series[$0], report.series[$1])
      return (other.interest, $0) < (one.interest, $1)
    }
    let shown = order.prefix(ReportPage.mostCharts).sorted()
    let parts = shown.compactMap { index in
      EvaluationChart.chart([(model.kind, report.series[index])]).map { Page.Part.chart($0) }
    }
    let rest = report.series.count - shown.count
    return parts
      + (rest > 0
        ? [.text("\(HumanNumber.counted(rest, "file")) more: see 'anomalyctl plot'.")] : [])
  }

  private var events: [Page.Part] {
    var rows: [[String]] = []
    for one in report.series {
      for anomaly in one.score.events.anomalies where one.isLabelled && anomaly.found == nil {
        rows.append([
          one.series.name, "missed anomaly", anomaly.first.iso8601,
          HumanNumber.duration(anomaly.last.elapsed(since: anomaly.first)), "-", "",
        ])
      }
      for detection in one.detections {
        let word = detection.isTrue.map { $0 ? "anomaly found" : "false alarm" } ?? "detection"
        rows.append([
          one.series.name, word, detection.first.iso8601,
          HumanNumber.duration(detection.last.elapsed(since: detection.first)),
          HumanNumber.fixed(min(detection.score, 999), decimals: 2),
          EvaluationTables.reasons(detection),
        ])
      }
    }
    guard !rows.isEmpty else { return [.text("None.")] }
    let rest = rows.count - ReportPage.mostLines
    return [
      .table(
        headings: ["file", "what", "from", "lasts", "score", "columns"],
        rows: Array(rows.prefix(ReportPage.mostLines)))
    ]
      + (rest > 0
        ? [.text("\(HumanNumber.counted(rest, "line")) more: see 'evaluate --json'.")] : [])
  }

  private var files: Page.Part {
    .table(
      headings: ["file", "rows", "not counted", "anomalies", "found", "false alarms", "point F1"],
      rows: report.series.map { one in
        let uncounted = one.uncounted
        return [
          one.series.name, "\(one.series.count)",
          "\(uncounted.trained + uncounted.lead + uncounted.ignored)",
          one.isLabelled ? "\(one.score.events.anomalies.count)" : "-",
          one.isLabelled ? "\(one.score.events.found)" : "-",
          one.isLabelled ? "\(one.score.events.falseAlarms.count)" : "-",
          one.isLabelled ? ReportPage.fixed(one.score.points.f1) : "-",
        ]
      })
  }

  private var modelParts: [Page.Part] {
    [
      .facts(ModelReport(model).entries.map { (name: $0.0, value: $0.1) }),
      .chart(EvaluationChart.losses(model)),
      .table(
        headings: ["column", "mean", "scale", "transform"],
        rows: model.columns.map {
          [
            $0.name, HumanNumber.value($0.mean), HumanNumber.value($0.scale), $0.transform.rawValue,
          ]
        }),
    ]
  }
}

extension EvaluatedSeries {
  /// How interesting it is: anomalies, and detections.
  fileprivate var interest: Int {
    detections.count + 2 * (isLabelled ? score.events.anomalies.count : 0)
  }
}
