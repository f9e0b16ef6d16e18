import Evaluation
import Series

/// CSV files with a line per row: `timestamp,score,alarm,label`; the label is 1 for an anomaly, 0
/// for none, empty if the row does not count.
enum EvaluationScores {
  /// Writes the file of a recording, named after it.
  static func write(_ series: JudgedSeries, into folder: String) throws(CommandFailure) {
    var file = try FileWriter(path: "\(folder)/\(fileName(of: series.name))")
    try file.append("timestamp,score,alarm,label\n".utf8)
    for row in 0..<series.count {
      let score = series.scores[row]
      let label =
        switch series.labels[row] {
        case .anomalous: "1"
        case .normal: "0"
        case .uncounted: ""
        }
      try file.append(
        ("\(series.timestamps[row].iso8601),\(score.isFinite ? "\(score)" : ""),"
          + "\(series.alarms[row] ? 1 : 0),\(label)\n").utf8)
    }
    try file.finish()
  }

  /// The file name for a recording.
  static func fileName(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? "scores"
    return name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
  }
}
