import Evaluation
import Events
import Models
import Reports
import Series

/// A recording as a chart: the values of a column, a model's expectation, and the scores of all
/// models.
enum EvaluationChart {
  /// - Parameters:
  ///   - judged: each model's results for the recording, by its name; they have the same rows.
  ///   - column: name of the column to draw; nil for the one that contributes most to detections.
  static func chart(
    _ judged: [(name: String, series: EvaluatedSeries)], column: String? = nil
  ) -> Chart? {
    guard let first = judged.first?.series, first.series.count > 0 else { return nil }
    let names = judged.flatMap { $0.series.detections.flatMap(\.columns) }
    let weights = Dictionary(names.map { ($0.name, $0.share) }, uniquingKeysWith: +)
    let chosen =
      column ?? weights.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
      ?? first.courses.first?.name
    var panels: [Chart.Panel] = []
    // A classifier has no expectation: the first model that has one explains the value.
    let courses = judged.compactMap { one in one.series.courses.first { $0.name == chosen } }
    let explaining = courses.first { $0.expected.contains(where: \.isFinite) } ?? courses.first
    if let course = explaining { panels.append(panel(of: course)) }
    for one in judged {
      var panel = Chart.Panel(
        title: judged.count > 1 ? "score of \(one.name)" : "score",
        lines: [
          Chart.Line(
            name: "score", role: .score, values: one.series.series.scores.map { min($0, 3) })
        ])
      panel.threshold = (1, "alarms from here")
      panels.append(panel)
    }
    var chart = Chart(
      title: first.series.name, axis: .times(first.series.timestamps), panels: panels)
    // The value is marked with the detections of all models, a score with those of its model.
    let values = panels.count - judged.count
    for (index, one) in judged.enumerated() {
      chart.spans += spans(one.series, in: Set(0..<values).union([values + index]))
    }
    return chart
  }

  /// `, UNIT`; empty if the name does not contain one.
  private static func unit(of column: String) -> String {
    MetricUnit(of: MetricName(sanitizing: column)).map { ", \($0.symbol)" } ?? ""
  }

  private static func panel(of course: EvaluatedSeries.Course) -> Chart.Panel {
    var panel = Chart.Panel(
      title: course.name + (unit(of: course.name)),
      lines: [Chart.Line(name: "value", role: .value, values: course.values)])
    if course.expected.contains(where: \.isFinite) {
      panel.lines.append(
        Chart.Line(name: "expected", role: .expected, values: course.expected))
    }
    if course.margins.contains(where: \.isFinite) {
      panel.band = (
        zip(course.expected, course.margins).map { $0 - $1 },
        zip(course.expected, course.margins).map { $0 + $1 }
      )
    }
    return panel
  }

  /// - Parameter panels: where detections are marked.
  private static func spans(_ one: EvaluatedSeries, in panels: Set<Int>) -> [Chart.Span] {
    var spans = one.trained.map { [Chart.Span($0, .training)] } ?? []
    if one.isLabelled { spans += one.anomalies.map { Chart.Span($0, .label) } }
    for detection in one.detections {
      let mark: Chart.Mark = detection.isTrue == false ? .falseAlarm : .event
      spans.append(Chart.Span(detection.rows, mark, in: panels))
    }
    return spans
  }

  /// Losses by epoch.
  static func losses(_ model: TrainedModel) -> Chart {
    let epochs = model.trainingLosses.indices.map { Double($0 + 1) }
    var lines = [Chart.Line(name: "training", role: .value, values: model.trainingLosses)]
    if model.validationLosses.contains(where: \.isFinite) {
      lines.append(
        Chart.Line(name: "validation", role: .expected, values: model.validationLosses))
    }
    return Chart(
      title: "Loss by epoch, best at \(model.bestEpoch)",
      axis: .numbers(epochs, name: "epochs"), panels: [Chart.Panel(title: "loss", lines: lines)])
  }

  /// A recording on its own.
  static func chart(of table: RecordedTable, columns: [String]) -> Chart? {
    guard table.count > 0 else { return nil }
    var chart = Chart(
      title: table.name, axis: .times(table.timestamps),
      panels: table.columns.enumerated().filter { columns.isEmpty || columns.contains($1) }
        .prefix(columns.isEmpty ? 6 : 100)
        .map { index, name in
          Chart.Panel(
            title: name + (unit(of: name)),
            lines: [
              Chart.Line(
                name: "value", role: .value, values: (0..<table.count).map { table[$0, index] })
            ])
        })
    chart.spans = table.anomalies.map { Chart.Span($0, .label) }
    return chart
  }
}
