import CommandLine
import Evaluation
import Series

/// Files, detections and forecasts of an evaluation as tables.
struct EvaluationTables {
  /// The files.
  let series: [EvaluatedSeries]

  /// Maximum number of files and detections listed; JSON has all.
  private static let most = 40

  func files(_ console: Console) -> [String] {
    var table = Table([
      .name("file"), .number("rows"), .number("anomalies"), .number("found"),
      .number("false alarms"), .number("point F1"),
    ])
    for one in series.prefix(EvaluationTables.most) {
      let isLabelled = one.isLabelled
      table.add([
        Table.Cell(one.series.name), Table.Cell(HumanNumber.count(one.series.count)),
        Table.Cell(isLabelled ? HumanNumber.count(one.score.events.anomalies.count) : "-"),
        Table.Cell(isLabelled ? HumanNumber.count(one.score.events.found) : "-"),
        Table.Cell(
          isLabelled
            ? HumanNumber.count(one.score.events.falseAlarms.count)
            : "\(HumanNumber.count(one.detections.count)) alarms"),
        Table.Cell(isLabelled ? EvaluationTables.fixed(one.score.points.f1) : "-"),
      ])
    }
    return table.lines(width: console.width, style: console.style)
      + rest(series.count, "files")
  }

  func detections(_ console: Console) -> [String] {
    var rows: [[Table.Cell]] = []
    for one in series {
      for anomaly in one.score.events.anomalies where one.isLabelled && anomaly.found == nil {
        rows.append([
          Table.Cell("missed", .warning), Table.Cell(EvaluationTables.brief(anomaly.first)),
          Table.Cell(EvaluationTables.length(anomaly.first, anomaly.last)), "-", "",
          Table.Cell(one.series.name),
        ])
      }
      for detection in one.detections {
        let word = detection.isTrue.map { $0 ? "true" : "false" } ?? "alarm"
        rows.append([
          Table.Cell(word, detection.isTrue == false ? .warning : nil),
          Table.Cell(EvaluationTables.brief(detection.first)),
          Table.Cell(EvaluationTables.length(detection.first, detection.last)),
          Table.Cell(HumanNumber.fixed(min(detection.score, 999), decimals: 2)),
          Table.Cell(EvaluationTables.reasons(detection)), Table.Cell(one.series.name),
        ])
      }
    }
    guard !rows.isEmpty else { return [] }
    let isTrace = series.contains { $0.detections.contains { $0.because != nil } }
    var columns: [Table.Column] = [
      .text("detection"), .text("from"), .number("lasts"), .number("score"),
      .text(isTrace ? "because it" : "columns", yields: true),
    ]
    if series.count > 1 { columns.append(.name("file")) }
    var table = Table(columns)
    for row in rows.prefix(EvaluationTables.most) { table.add(Array(row.prefix(columns.count))) }
    return table.lines(width: console.width, style: console.style) + rest(rows.count, "lines") + [
      ""
    ]
  }

  private func rest(_ count: Int, _ what: String) -> [String] {
    count > EvaluationTables.most
      ? ["... and \(HumanNumber.count(count - EvaluationTables.most)) \(what) more: see --json"]
      : []
  }

  func forecasts(_ console: Console) -> [String] {
    var table = Table([
      .name("column"), .number("forecast RMSE"), .number("last value's"), .number("ratio"),
    ])
    var rows = 0
    for one in series {
      for error in one.forecastErrors where rows < EvaluationTables.most {
        rows += 1
        table.add([
          Table.Cell(error.column), Table.Cell(HumanNumber.value(error.model)),
          Table.Cell(HumanNumber.value(error.lastValue)),
          Table.Cell(EvaluationTables.fixed(error.model / error.lastValue)),
        ])
      }
    }
    return rows == 0 ? [] : table.lines(width: console.width, style: console.style) + [""]
  }

  static func fixed(_ value: Double?) -> String {
    value.map { HumanNumber.fixed($0, decimals: 3) } ?? "-"
  }

  private static func brief(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    return "\(text.prefix(10)) " + text.dropFirst(11).dropLast(text.hasSuffix(".000Z") ? 5 : 1)
  }

  private static func length(_ first: Timestamp, _ last: Timestamp) -> String {
    HumanNumber.duration(last.elapsed(since: first))
  }

  static func reasons(_ detection: EvaluatedSeries.Detection) -> String {
    detection.because
      ?? detection.columns.map { "\($0.name) \(HumanNumber.percent($0.share))" }.joined(
        separator: ", ")
  }
}
