import CommandLine
import Evaluation
import FoundationEssentials
import Models
import Series

/// What `anomalyctl evaluate` found, for people and for scripts.
struct EvaluationReport {
  private let model: TrainedModel
  private let series: [EvaluatedSeries]
  private let elapsed: Duration
  private var points = PointScore()
  private var events = EventScore()
  private var precision = AveragePrecision()

  init(model: TrainedModel, series: [EvaluatedSeries], elapsed: Duration) {
    self.model = model
    self.series = series
    self.elapsed = elapsed
    for one in series where one.isLabelled {
      points += one.points
      events += one.events
      precision.add(one.series)
    }
  }

  /// Files and detections that are listed at most; JSON has all.
  private static let most = 40

  // MARK: Text

  func lines(_ console: Console) -> [String] {
    var lines: [String] = []
    if series.count > 1 { lines += files(console) + [""] }
    lines += detections(console)
    if series.contains(where: \.isLabelled) { lines += scores(console) + [""] }
    return lines + forecasts(console) + [summary]
  }

  private func files(_ console: Console) -> [String] {
    var table = Table([
      .name("file"), .number("rows"), .number("anomalies"), .number("found"),
      .number("false alarms"), .number("point F1"),
    ])
    for one in series.prefix(EvaluationReport.most) {
      let isLabelled = one.isLabelled
      table.add([
        Table.Cell(one.series.name), Table.Cell(HumanNumber.count(one.series.count)),
        Table.Cell(isLabelled ? HumanNumber.count(one.events.anomalies.count) : "-"),
        Table.Cell(isLabelled ? HumanNumber.count(one.events.found) : "-"),
        Table.Cell(
          isLabelled
            ? HumanNumber.count(one.events.falseAlarms.count)
            : "\(HumanNumber.count(one.detections.count)) alarms"),
        Table.Cell(isLabelled ? EvaluationReport.fixed(one.points.f1) : "-"),
      ])
    }
    return table.lines(width: console.width, style: console.style)
      + rest(series.count, "files")
  }

  private func detections(_ console: Console) -> [String] {
    var rows: [[Table.Cell]] = []
    for one in series {
      for anomaly in one.events.anomalies where one.isLabelled && anomaly.found == nil {
        rows.append([
          Table.Cell("missed", .warning), Table.Cell(EvaluationReport.brief(anomaly.first)),
          Table.Cell(EvaluationReport.length(anomaly.first, anomaly.last)), "-", "",
          Table.Cell(one.series.name),
        ])
      }
      for detection in one.detections {
        let word = detection.isTrue.map { $0 ? "true" : "false" } ?? "alarm"
        rows.append([
          Table.Cell(word, detection.isTrue == false ? .warning : nil),
          Table.Cell(EvaluationReport.brief(detection.first)),
          Table.Cell(EvaluationReport.length(detection.first, detection.last)),
          Table.Cell(HumanNumber.fixed(min(detection.score, 999), decimals: 2)),
          Table.Cell(EvaluationReport.reasons(detection)), Table.Cell(one.series.name),
        ])
      }
    }
    guard !rows.isEmpty else { return [] }
    var columns: [Table.Column] = [
      .text("detection"), .text("from"), .number("lasts"), .number("score"),
      .text("columns", yields: true),
    ]
    if series.count > 1 { columns.append(.name("file")) }
    var table = Table(columns)
    for row in rows.prefix(EvaluationReport.most) { table.add(Array(row.prefix(columns.count))) }
    return table.lines(width: console.width, style: console.style) + rest(rows.count, "lines") + [
      ""
    ]
  }

  private func rest(_ count: Int, _ what: String) -> [String] {
    count > EvaluationReport.most
      ? ["... and \(HumanNumber.count(count - EvaluationReport.most)) \(what) more: see --json"]
      : []
  }

  private func scores(_ console: Console) -> [String] {
    var table = Table([
      .text("by"), .number("precision"), .number("recall"), .number("F1"), .text("of which"),
    ])
    let fixed = EvaluationReport.fixed
    table.add([
      "point", Table.Cell(fixed(points.precision)), Table.Cell(fixed(points.recall)),
      Table.Cell(fixed(points.f1), .strong),
      Table.Cell(
        "\(HumanNumber.count(points.truePositives)) rows true positive, "
          + "\(HumanNumber.count(points.falsePositives)) false positive, "
          + "\(HumanNumber.count(points.falseNegatives)) false negative, "
          + "\(HumanNumber.count(points.trueNegatives)) true negative"),
    ])
    table.add([
      "event", Table.Cell(fixed(events.precision)), Table.Cell(fixed(events.recall)),
      Table.Cell(fixed(events.f1), .strong),
      Table.Cell(
        "\(events.found) of \(events.anomalies.count) anomalies found, "
          + "\(events.falseAlarms.count) false alarms"),
    ])
    var rest: [String] = []
    if let area = precision.value { rest.append("AUC-PR \(fixed(area))") }
    if let f1 = points.f1OfEverything { rest.append("flagging every row: point F1 \(fixed(f1))") }
    if let rate = points.falseAlarmRate {
      rest.append("\(HumanNumber.fixed(100 * rate, decimals: 2))% of normal rows alarm")
    }
    if let rate = events.falseAlarmsPerDay {
      rest.append("\(HumanNumber.value(rate)) false alarms a day")
    }
    if let delay = events.medianDelay {
      rest.append("median delay \(HumanNumber.duration(delay))")
    }
    return table.lines(width: console.width, style: console.style) + [rest.joined(separator: ", ")]
  }

  private func forecasts(_ console: Console) -> [String] {
    guard model.kind != "autoencoder" else { return [] }
    var table = Table([
      .name("column"), .number("forecast RMSE"), .number("last value's"), .number("ratio"),
    ])
    var rows = 0
    for one in series {
      for error in one.forecastErrors where rows < EvaluationReport.most {
        rows += 1
        table.add([
          Table.Cell(error.column), Table.Cell(HumanNumber.value(error.model)),
          Table.Cell(HumanNumber.value(error.lastValue)),
          Table.Cell(EvaluationReport.fixed(error.model / error.lastValue)),
        ])
      }
    }
    return rows == 0 ? [] : table.lines(width: console.width, style: console.style) + [""]
  }

  private var summary: String {
    let rows = series.reduce(0) { $0 + $1.series.count }
    let trained = series.reduce(0) { $0 + $1.trainedRows }
    let lead = series.reduce(0) { $0 + $1.leadRows }
    let alarms = series.reduce(0) { $0 + $1.detections.count }
    var parts = ["\(HumanNumber.count(rows)) rows"]
    if trained > 0 { parts.append("\(HumanNumber.count(trained)) trained on and not counted") }
    if lead > 0 { parts.append("\(HumanNumber.count(lead)) before the model could judge") }
    parts.append("\(HumanNumber.count(alarms)) detection\(alarms == 1 ? "" : "s")")
    let unlabelled = series.count { !$0.isLabelled }
    if unlabelled == series.count {
      parts.append("no labels: nothing is scored")
    } else if unlabelled > 0 {
      parts.append("\(unlabelled) files without labels are not scored")
    }
    parts.append("took \(HumanNumber.duration(elapsed))")
    return parts.joined(separator: ", ")
  }

  private static func fixed(_ value: Double?) -> String {
    value.map { HumanNumber.fixed($0, decimals: 3) } ?? "-"
  }

  private static func brief(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    return "\(text.prefix(10)) " + text.dropFirst(11).dropLast(text.hasSuffix(".000Z") ? 5 : 1)
  }

  private static func length(_ first: Timestamp, _ last: Timestamp) -> String {
    HumanNumber.duration(last.elapsed(since: first))
  }

  private static func reasons(_ detection: EvaluatedSeries.Detection) -> String {
    detection.columns.map { "\($0.name) \(HumanNumber.percent($0.share))" }.joined(separator: ", ")
  }

  // MARK: JSON

  /// One JSON object a line: the files, then a summary.
  func json() throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    return try series.map { try line(FileJSON($0)) } + [
      try line([
        "summary": SummaryJSON(
          points, events, precision.value, files: series.count, seconds: elapsed / .seconds(1))
      ])
    ]
  }

  private struct PointsJSON: Encodable {
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

  private struct EventsJSON: Encodable {
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

  private struct FileJSON: Encodable {
    struct Detection: Encodable {
      var first, last: String
      var score: Double
      var isTrue: Bool?
      var columns: [String: Double]

      enum CodingKeys: String, CodingKey {
        case first, last, score, columns
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
    var rows, trainedRows, leadRows: Int
    var points: PointsJSON?
    var events: EventsJSON?
    var missed: [[String]]
    var detections: [Detection]
    var forecasts: [String: Forecast]

    init(_ one: EvaluatedSeries) {
      file = one.series.name
      rows = one.series.count
      trainedRows = one.trainedRows
      leadRows = one.leadRows
      points = one.isLabelled ? PointsJSON(one.points) : nil
      events = one.isLabelled ? EventsJSON(one.events) : nil
      missed = one.events.anomalies.filter { $0.found == nil }.map {
        [$0.first.iso8601, $0.last.iso8601]
      }
      detections = one.detections.map { detection in
        Detection(
          first: detection.first.iso8601, last: detection.last.iso8601,
          score: min(detection.score, 1e9), isTrue: detection.isTrue,
          columns: Dictionary(
            detection.columns.map { ($0.name, $0.share) }, uniquingKeysWith: max))
      }
      forecasts = Dictionary(
        one.forecastErrors.map {
          ($0.column, Forecast(rmse: $0.model, lastValueRMSE: $0.lastValue))
        },
        uniquingKeysWith: { first, _ in first })
    }

    enum CodingKeys: String, CodingKey {
      case file, rows, points, events, missed, detections, forecasts
      case trainedRows = "trained_rows"
      case leadRows = "lead_rows"
    }
  }

  private struct SummaryJSON: Encodable {
    var files: Int
    var points: PointsJSON
    var events: EventsJSON
    var aucPR: Double?
    var seconds: Double

    init(
      _ points: PointScore, _ events: EventScore, _ aucPR: Double?, files: Int, seconds: Double
    ) {
      self.points = PointsJSON(points)
      self.events = EventsJSON(events)
      self.aucPR = aucPR
      self.files = files
      self.seconds = seconds
    }

    enum CodingKeys: String, CodingKey {
      case files, points, events, seconds
      case aucPR = "auc_pr"
    }
  }
}
