import Evaluation
import FoundationEssentials
import Series

extension EvaluationReport {
  /// One JSON object per line: the files, then a summary.
  func json() throws -> [String] {
    try series.map { try JSONLine.text(FileJSON($0)) }
      + [try JSONLine.text(["summary": SummaryJSON(self)])]
  }
}

/// JSON objects of reports, on one line, with keys in order.
enum JSONLine {
  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return PrintableText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// A confusion matrix.
struct PointsJSON: Encodable {
  var truePositives, falsePositives, falseNegatives, trueNegatives: Int
  var precision, recall, f1, falseAlarmRate, f1OfEverything: Double?

  init(_ score: PointScore) {
    truePositives = score.truePositives
    falsePositives = score.falsePositives
    falseNegatives = score.falseNegatives
    trueNegatives = score.trueNegatives
    precision = score.precision
    recall = score.recall
    f1 = score.f1
    falseAlarmRate = score.falseAlarmRate
    f1OfEverything = score.f1OfEverything
  }

  enum CodingKeys: String, CodingKey {
    case truePositives = "true_positives"
    case falsePositives = "false_positives"
    case falseNegatives = "false_negatives"
    case trueNegatives = "true_negatives"
    case precision, recall, f1
    case falseAlarmRate = "false_alarm_rate"
    case f1OfEverything = "f1_of_everything"
  }
}

/// Whole anomalies and detections.
struct EventsJSON: Encodable {
  var anomalies, found, falseAlarms: Int
  var precision, recall, f1, falseAlarmsPerDay, medianDelaySeconds: Double?

  init(_ score: EventScore) {
    anomalies = score.anomalies.count
    found = score.found
    falseAlarms = score.falseAlarms.count
    precision = score.precision
    recall = score.recall
    f1 = score.f1
    falseAlarmsPerDay = score.falseAlarmsPerDay
    medianDelaySeconds = score.medianDelay.map { $0 / .seconds(1) }
  }

  enum CodingKeys: String, CodingKey {
    case anomalies, found, precision, recall, f1
    case falseAlarms = "false_alarms"
    case falseAlarmsPerDay = "false_alarms_per_day"
    case medianDelaySeconds = "median_delay_seconds"
  }
}

/// One file.
struct FileJSON: Encodable {
  struct Detection: Encodable {
    var first, last: String
    var score: Double
    var isTrue: Bool?
    var columns: [String: Double]
    var because: String?

    enum CodingKeys: String, CodingKey {
      case first, last, score, columns, because
      case isTrue = "true"
    }
  }

  struct Forecast: Encodable {
    var rmse, lastValueRMSE: Double

    enum CodingKeys: String, CodingKey {
      case rmse
      case lastValueRMSE = "last_value_rmse"
    }
  }

  var file: String
  var rows, trainedRows, leadRows, ignoredRows: Int
  var aucPR, vusPR: Double?
  var affiliation: AffiliationJSON?
  var points: PointsJSON?
  var events: EventsJSON?
  var missed: [[String]]
  var detections: [Detection]
  var forecasts: [String: Forecast]

  init(_ one: EvaluatedSeries) {
    file = one.series.name
    rows = one.series.count
    trainedRows = one.uncounted.trained
    leadRows = one.uncounted.lead
    ignoredRows = one.uncounted.ignored
    points = one.isLabelled ? PointsJSON(one.score.points) : nil
    events = one.isLabelled ? EventsJSON(one.score.events) : nil
    aucPR = one.isLabelled ? one.score.aucPR : nil
    vusPR = one.isLabelled ? one.score.vusPR : nil
    affiliation = one.isLabelled ? AffiliationJSON(one.score.affiliation) : nil
    missed = one.score.events.anomalies.filter { $0.found == nil }.map {
      [$0.first.iso8601, $0.last.iso8601]
    }
    detections = one.detections.map { detection in
      Detection(
        first: detection.first.iso8601, last: detection.last.iso8601,
        score: min(detection.score, 1e9), isTrue: detection.isTrue,
        columns: Dictionary(
          detection.columns.map { ($0.name, $0.share) }, uniquingKeysWith: max),
        because: detection.because)
    }
    forecasts = Dictionary(
      one.forecastErrors.map {
        ($0.column, Forecast(rmse: $0.model, lastValueRMSE: $0.lastValue))
      },
      uniquingKeysWith: { first, _ in first })
  }

  enum CodingKeys: String, CodingKey {
    case file, rows, points, events, missed, detections, forecasts, affiliation
    case aucPR = "auc_pr"
    case vusPR = "vus_pr"
    case ignoredRows = "ignored_rows"
    case trainedRows = "trained_rows"
    case leadRows = "lead_rows"
  }
}

/// All files together.
struct SummaryJSON: Encodable {
  struct Interval: Encodable {
    var lower, upper: Double
  }

  struct Hindsight: Encodable {
    var f1, threshold: Double
  }

  var files: Int
  var points: PointsJSON
  var events: EventsJSON
  var affiliation: AffiliationJSON
  var aucPR, vusPR: Double?
  var hindsight: Hindsight?
  var intervals: [String: Interval]
  var coverage: [String: Double]
  var budgetPerDay, falseAlarmsPerBudget: Double?
  var matching: String
  var seconds: Double

  enum CodingKeys: String, CodingKey {
    case files, points, events, affiliation, intervals, coverage, matching, seconds
    case aucPR = "auc_pr"
    case vusPR = "vus_pr"
    case hindsight = "best_in_hindsight"
    case budgetPerDay = "budget_per_day"
    case falseAlarmsPerBudget = "false_alarms_per_budget"
  }

  init(_ report: EvaluationReport) {
    let score = report.scorecard
    files = report.series.count
    points = PointsJSON(score.points)
    events = EventsJSON(score.events)
    affiliation = AffiliationJSON(score.affiliation)
    aucPR = score.averagePrecision
    vusPR = score.value(.vusPR)
    hindsight = score.hindsight.map {
      Hindsight(f1: $0.f1, threshold: max(-1e9, min($0.threshold, 1e9)))
    }
    intervals = [:]
    for (measure, interval) in report.intervals {
      intervals[measure.rawValue] = Interval(lower: interval.lower, upper: interval.upper)
    }
    coverage = Dictionary(
      uniqueKeysWithValues: report.coverage.shares.map { ("\($0.horizon)", $0.share) })
    budgetPerDay = report.budgetPerDay
    falseAlarmsPerBudget = report.traceBudget.map { report.falseAlarms(in: $0) }
    matching = report.matching
    seconds = report.elapsed / .seconds(1)
  }
}

/// Precision and recall by distance in time.
struct AffiliationJSON: Encodable {
  var precision, recall, f1: Double?

  init(_ affiliation: Affiliation) {
    precision = affiliation.precision
    recall = affiliation.recall
    f1 = affiliation.f1
  }
}
