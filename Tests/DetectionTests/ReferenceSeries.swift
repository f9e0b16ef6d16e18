import FoundationEssentials
import Series
import Support
import Testing

/// A series, and the results of the reference in `Tests/Golden/detector.py` for each of its
/// samples.
struct ReferenceSeries {
  struct Row {
    var sample: Sample
    var score: Float
    var opensEvent: Bool
  }

  var rows: [Row] = []

  /// One of `Tests/Golden/parity`, in the format that `parity.py` documents.
  init(golden name: String) throws {
    let path = SharedData.projectRoot + "/Tests/Golden/parity/" + name + ".csv"
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let heading = lines[0].split(separator: " ")
    try #require(heading[1] == "start" && heading[3] == "interval")
    var moment = try #require(Double(heading[2]))
    let interval = try #require(Double(heading[4]))
    try #require(lines[1] == "value,score,reason")
    for line in lines.dropFirst(2) {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      defer { moment += interval }
      if cells[0] == "-" { continue }
      let value = cells[0].isEmpty ? Double.nan : try #require(Double(cells[0]))
      rows.append(
        Row(
          sample: Sample(timestamp: Timestamp(seconds: moment), value: value),
          score: try #require(Float(cells[1])), opensEvent: !cells[2].isEmpty))
    }
  }
}
