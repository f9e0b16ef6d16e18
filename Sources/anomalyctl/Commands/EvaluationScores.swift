import Evaluation
import Series

/// CSV files with a line per row: `timestamp,score,alarm,label`; the label is 1 for an anomaly, 0 for
/// none, empty where the row does not count.
enum EvaluationScores {
  /// Writes the file of a recording, named after it.
  static func write(_ one: EvaluatedSeries, into folder: String) throws(CommandFailure) {
    let name = one.series.name.split(separator: "/").last.map(String.init) ?? "scores"
    let stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    var file = try FileWriter(path: "\(folder)/\(stem)")
    try file.append("timestamp,score,alarm,label\n".utf8)
    for row in 0..<one.series.count {
      let score = one.series.scores[row]
      let label =
        switch one.series.labels[row] {
        case .anomalous: "1"
        case .normal: "0"
        case .uncounted: ""
        }
      try file.append(
        ("\(one.series.timestamps[row].iso8601),\(score.isFinite ? "\(score)" : ""),"
          + "\(one.series.alarms[row] ? 1 : 0),\(label)\n").utf8)
    }
    try file.finish()
  }
}
