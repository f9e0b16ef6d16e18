import CommandLine
import Evaluation
import FoundationEssentials
import Models
import Series

/// The directory of one evaluation: `run.json` (what was run), `results.csv` (a line per file),
/// `events.csv` (anomalies and detections) and `scores/` (a line per row).
enum RunFolder {
  private struct Run: Encodable {
    var version: String
    var model: String
    var kind: String
    var seed: UInt64
    var instructionSet: String
    var options: [String: [String]]
    var files: [String]
    var matching: String

    enum CodingKeys: String, CodingKey {
      case version, model, kind, seed, options, files, matching
      case instructionSet = "instruction_set"
    }
  }

  /// Writes an evaluation.
  static func write(
    _ report: EvaluationReport, options: EvaluationOptions, model path: String,
    words arguments: Arguments, into folder: String
  ) throws {
    try LocalFile.makeFolder(folder + "/scores")
    for one in report.series { try EvaluationScores.write(one.series, into: folder + "/scores") }
    let run = Run(
      version: Product.version, model: path, kind: options.model.kind,
      seed: options.model.plan.seed, instructionSet: ModelRun.instructionSet,
      options: arguments.all, files: arguments.positional, matching: report.matching)
    try LocalFile.write((try JSONLine.text(run) + "\n").utf8, to: folder + "/run.json")
    try LocalFile.write(results(report).utf8, to: folder + "/results.csv")
    try LocalFile.write(events(report).utf8, to: folder + "/events.csv")
  }

  private static func results(_ report: EvaluationReport) -> String {
    var text =
      "file,status,rows,anomalies,found,false_alarms,point_f1,event_f1,auc_pr,vus_pr,affiliation_f1\n"
    for one in report.series {
      let score = one.score
      let cells: [Double?] = [
        score.points.f1, score.events.f1, score.aucPR, score.vusPR, score.affiliation.f1,
      ]
      let counts = [
        one.series.count, score.events.anomalies.count, score.events.found,
        score.events.falseAlarms.count,
      ]
      text += CSVText.cell(one.series.name) + (one.isLabelled ? ",scored," : ",unlabelled,")
      text += counts.map(String.init).joined(separator: ",") + ","
      text += cells.map { one.isLabelled ? $0.map { "\($0)" } ?? "" : "" }.joined(separator: ",")
      text += "\n"
    }
    return text
  }

  private static func events(_ report: EvaluationReport) -> String {
    var text = "file,what,first,last,score\n"
    for one in report.series {
      for anomaly in one.score.events.anomalies where one.isLabelled {
        text += CSVText.cell(one.series.name) + (anomaly.found == nil ? ",missed," : ",found,")
        text += "\(anomaly.first.iso8601),\(anomaly.last.iso8601),\n"
      }
      for detection in one.detections {
        let word = detection.isTrue.map { $0 ? "true" : "false" } ?? "unlabelled"
        text += CSVText.cell(one.series.name) + ",\(word) alarm,"
        text += "\(detection.first.iso8601),\(detection.last.iso8601),\(detection.score)\n"
      }
    }
    return text
  }

  /// The scores of a run for a recording.
  static func scores(
    of table: RecordedTable, in folder: String
  ) throws(CommandFailure) -> JudgedSeries {
    let name = folder + "/scores/" + EvaluationScores.fileName(of: table.name)
    let lines = String(decoding: try LocalFile.read(name), as: UTF8.self)
      .split(whereSeparator: \.isNewline).dropFirst()
    guard lines.count == table.count else {
      throw CommandFailure(
        "\(name): expected \(HumanNumber.counted(table.count, "row")), as \(table.name) has with "
          + "the same options, found \(lines.count)")
    }
    var series = JudgedSeries(name: table.name)
    for (row, line) in lines.enumerated() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      // Written times have milliseconds at most.
      guard cells.count == 4, let moment = SinceTime.date(String(cells[0])),
        moment.nanoseconds(since: table.timestamps[row]).magnitude <= 1_000_000_000
      else {
        throw CommandFailure(
          "\(name):\(row + 2): expected 'timestamp,score,alarm,label' of "
            + "\(table.timestamps[row].iso8601), found '\(line)'")
      }
      let label: RowLabel =
        cells[3] == "1" ? .anomalous : cells[3] == "0" ? .normal : .uncounted
      series.append(
        at: table.timestamps[row], label: label, score: Double(cells[1]) ?? .nan,
        alarm: cells[2] == "1")
    }
    return series
  }
}

/// Cells of CSV files.
enum CSVText {
  /// The text as a cell: quoted if necessary.
  static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return text }
    return "\"" + PrintableText.escaped(text) { $0 == "\"" ? "\"\"" : nil } + "\""
  }
}
