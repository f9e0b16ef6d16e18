import CommandLine
import Evaluation
import Series

/// The results of `anomalyctl compare`, for people and for scripts.
struct ComparisonReport {
  private let comparison: Comparison
  private let matching: String

  init(_ comparison: Comparison, matching: String) {
    self.comparison = comparison
    self.matching = matching
  }

  /// The report for people.
  func lines(_ console: Console) -> [String] {
    let fixed = EvaluationTables.fixed
    var table = Table([
      .name("detector"), .number("point F1"), .number("event F1"), .number("found"),
      .number("false alarms"), .number("AUC-PR").optional(2), .number("VUS-PR").optional(1),
      .number("affiliation").optional(3), .number("difference"), .text("95% interval"), .text(""),
    ])
    for (place, row) in comparison.rows.enumerated() {
      let score = row.scorecard
      table.add([
        Table.Cell(row.name), Table.Cell(fixed(score.points.f1)),
        Table.Cell(fixed(score.value(.eventF1))),
        Table.Cell("\(score.events.found)/\(score.events.anomalies.count)"),
        Table.Cell(HumanNumber.count(score.events.falseAlarms.count)),
        Table.Cell(fixed(score.averagePrecision)), Table.Cell(fixed(score.value(.vusPR))),
        Table.Cell(fixed(score.affiliation.f1)),
        Table.Cell(row.advantage.map { ComparisonReport.signed($0.difference) } ?? "-"),
        Table.Cell(ComparisonReport.text(row.advantage?.interval)),
        place == 0 ? "first" : row.isBetter ? Table.Cell("better", .warning) : "",
      ])
    }
    return table.lines(width: console.width, style: console.style) + [
      "",
      "Difference: \(comparison.measure.rawValue) of the first minus that of the row, over "
        + "\(HumanNumber.counted(comparison.seriesCount, "file")), "
        + "\(HumanNumber.count(comparison.counted)) rows; "
        + "\(HumanNumber.count(comparison.uncounted)) rows do not count.",
      "Matched: \(matching).",
    ]
  }

  /// A difference with its sign.
  static func signed(_ value: Double) -> String {
    (value > 0 ? "+" : "") + HumanNumber.fixed(value, decimals: 3)
  }

  /// An interval of differences.
  static func text(_ interval: Bootstrap.Interval?) -> String {
    interval.map { "\(signed($0.lower)) to \(signed($0.upper))" } ?? "-"
  }

  /// Why nothing was compared, in words.
  static func text(of failure: Comparison.Failure) -> String {
    switch failure {
    case .otherRows(let detector, let series):
      "\(detector): expected the rows of \(series), found others"
    case .nothingInCommon:
      "expected rows that count for all detectors, found none: see --fit, and the rows that "
        + "models were trained on"
    }
  }

  struct JSON: Encodable {
    struct Detector: Encodable {
      var name: String
      var points: PointsJSON
      var events: EventsJSON
      var affiliation: AffiliationJSON
      var aucPR, vusPR, difference: Double?
      var interval: [Double]?
      var isBetter: Bool

      enum CodingKeys: String, CodingKey {
        case name, points, events, affiliation, difference, interval
        case aucPR = "auc_pr"
        case vusPR = "vus_pr"
        case isBetter = "better_than_first"
      }
    }

    var measure: String
    var files: Int
    var rows: Int
    var isFirstWorse: Bool
    var detectors: [Detector]

    enum CodingKeys: String, CodingKey {
      case measure, files, rows, detectors
      case isFirstWorse = "first_is_worse"
    }
  }

  /// The report for scripts.
  var json: JSON {
    JSON(
      measure: comparison.measure.rawValue, files: comparison.seriesCount,
      rows: comparison.counted, isFirstWorse: comparison.isFirstWorse,
      detectors: comparison.rows.map { row in
        JSON.Detector(
          name: row.name, points: PointsJSON(row.scorecard.points),
          events: EventsJSON(row.scorecard.events),
          affiliation: AffiliationJSON(row.scorecard.affiliation),
          aucPR: row.scorecard.averagePrecision, vusPR: row.scorecard.value(.vusPR),
          difference: row.advantage?.difference,
          interval: row.advantage?.interval.map { [$0.lower, $0.upper] }, isBetter: row.isBetter)
      })
  }
}
