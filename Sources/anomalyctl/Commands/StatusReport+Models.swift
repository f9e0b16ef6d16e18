import CommandLine
import Control
import Models
import Series

/// The trained models in the status.
extension StatusReport {
  /// One line a model.
  var models: [String] {
    (reply.models ?? []).map { model in
      let missing = model.columns.count { $0.isMissing || $0.metric == nil }
      let columns =
        HumanNumber.counted(model.columns.count, "column")
        + (missing > 0 ? " (\(missing) missing)" : "")
      let late = model.late > 0 ? ", \(HumanNumber.counted(model.late, "late sample"))" : ""
      let time =
        model.rowSeconds.map { ", \(HumanNumber.duration(seconds: $0)) each" } ?? ""
      return "  \(Layout.printable(model.metric)): \(Layout.printable(model.kind)) of \(columns), "
        + "\(HumanNumber.counted(model.rows, "row"))\(late)\(time), \(Layout.printable(model.file))"
    }
  }

  /// What is wrong with a model.
  static func problems(of model: AttachedModelStatus, now: Timestamp) -> [String] {
    var problems: [String] = []
    let unknown = model.columns.filter { $0.metric == nil }
    if model.rows > 0, !unknown.isEmpty {
      problems.append(
        "no metric matches " + unknown.map(\.name).joined(separator: ", ")
          + ": a gap in each row; see Metrics= of [Model \(model.name)]")
    }
    for column in model.columns where column.isMissing {
      guard let metric = column.metric else { continue }
      let since = column.newest.map { " since \(Phrases.ago($0, now: now))" } ?? ""
      problems.append("\(metric) is missing\(since): a gap in each row")
    }
    if let here = model.interval, let there = model.trainedInterval,
      here > there * 1.5 || there > here * 1.5
    {
      problems.append(
        "a row every \(HumanNumber.duration(seconds: here)), but it was trained on one every "
          + "\(HumanNumber.duration(seconds: there)): its forecasts do not fit")
    }
    if let row = model.rowSeconds, let between = model.interval ?? model.trainedInterval,
      row > LoadedModel.largestShare * between
    {
      problems.append(
        "judging a row takes \(HumanNumber.duration(seconds: row)), "
          + "\(HumanNumber.percent(row / between)) of the time between two, in which nothing else is "
          + "done: train one with fewer units, a shorter window or fewer members")
    }
    return problems
  }
}
