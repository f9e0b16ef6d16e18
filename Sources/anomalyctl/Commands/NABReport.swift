import Evaluation
import FoundationEssentials
import Terminal

/// What `anomalyctl nab` found, for people and for scripts.
///
/// Only totals: nothing here tells how a single file fared, so that held-out files stay unseen.
struct NABReport: Sendable {
  /// One profile over the files of one part.
  struct Line: Sendable {
    /// Name of the part: `development`, `held_out` or `all`.
    var part: String
    /// Files in it.
    var files: Int
    /// The profile's name in the benchmark.
    var profile: String
    /// With the detector's own events.
    var total: NABTotal
    /// With the alarm budget that would have been best in hindsight, per run.
    var hindsight: NABTotal
  }

  /// In the order in which they are shown.
  var lines: [Line]
  /// The seeds of the runs.
  var seeds: [UInt64]
  /// Normal samples per alarm.
  var budget: Double
  /// Rows of all files, counted once.
  var samples: Int
  /// From start to end.
  var elapsed: Duration

  /// A table of the profiles, then what the numbers mean.
  func text(_ console: Console) -> [String] {
    var columns: [Table.Column] = [
      .text("part"), .number("files"), .number("anomalies"), .text("profile"), .number("score"),
      .number("found"), .number("false alarms"), .number("best in hindsight"),
    ]
    if seeds.count > 1 { columns.insert(.number("sd"), at: 5) }
    var table = Table(columns)
    var previous = ""
    for line in lines {
      let isNew = line.part != previous
      previous = line.part
      var cells = [
        Table.Cell(isNew ? line.part : ""),
        Table.Cell(isNew ? HumanNumber.count(line.files) : ""),
        Table.Cell(isNew ? HumanNumber.count(line.total.runs[0].windows) : ""),
        Table.Cell(line.profile),
        Table.Cell(NABReport.fixed(line.total.mean, 2), .strong),
        Table.Cell(NABReport.fixed(line.total.detectedWindows, 1)),
        Table.Cell(NABReport.fixed(line.total.falseAlarms, 1)),
        Table.Cell(NABReport.fixed(line.hindsight.mean, 2), .faint),
      ]
      if seeds.count > 1 {
        cells.insert(Table.Cell(NABReport.fixed(line.total.deviation, 2)), at: 5)
      }
      table.add(cells)
    }
    let runs =
      seeds.count == 1
      ? "seed \(seeds[0])" : "mean of seeds \(seeds[0]) to \(seeds[seeds.count - 1])"
    let time = HumanNumber.duration(elapsed)
    return table.lines(width: console.width, style: console.style) + [
      "",
      "\(HumanNumber.count(samples)) samples, \(runs), budget "
        + "\(HumanNumber.value(budget)) samples per alarm, took \(time)",
    ]
  }

  /// One JSON object a line, the last one a summary.
  func json() throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    let summary = SummaryJSON(
      budget: budget,
      samples: samples,
      seconds: elapsed / .seconds(1),
      seeds: seeds
    )
    return try lines.map { try line(LineJSON($0)) } + [try line(["summary": summary])]
  }

  private static func fixed(_ value: Double?, _ decimals: Int) -> String {
    value.map { HumanNumber.fixed($0, decimals: decimals) } ?? "-"
  }

  private struct LineJSON: Encodable {
    var part: String
    var files: Int
    var anomalies: Int
    var profile: String
    var score: Double?
    var sd: Double?
    var scores: [Double?]
    var found: Double
    var falseAlarms: Double
    var hindsight: Double?

    init(_ line: Line) {
      part = line.part
      files = line.files
      anomalies = line.total.runs[0].windows
      profile = line.profile
      score = line.total.mean
      sd = line.total.deviation
      scores = line.total.runs.map(\.normalised)
      found = line.total.detectedWindows
      falseAlarms = line.total.falseAlarms
      hindsight = line.hindsight.mean
    }

    enum CodingKeys: String, CodingKey {
      case part, files, anomalies, profile, score, sd, scores, found
      case falseAlarms = "false_alarms"
      case hindsight
    }
  }

  private struct SummaryJSON: Encodable {
    var budget: Double
    var samples: Int
    var seconds: Double
    var seeds: [UInt64]
  }
}
