import CommandLine
import Evaluation
import FoundationEssentials
import Series

/// The results of `anomalyctl nab`, for people and for scripts.
///
/// Only totals: nothing here shows the result of a single file, so that held-out files stay unseen.
struct NABReport: Sendable {
  /// The detector that raised the alarms.
  enum Source: Sendable {
    /// Runs of our detector with these seeds, and normal samples per alarm.
    case runs(seeds: [UInt64], budget: Double)
    /// The results of another detector, at the thresholds that suit these very files best.
    case published(detector: String)
  }

  /// In the order in which they are shown.
  var lines: [NABLine]
  /// What was scored.
  var source: Source
  /// Rows of all files, counted once.
  var samples: Int
  /// From start to end.
  var elapsed: Duration

  /// A table of the profiles, then an explanation of the numbers.
  func text(_ console: Console) -> [String] {
    var columns: [Table.Column] = [
      .text("part"), .number("files"), .number("anomalies"), .text("profile"), .number("score"),
      .number("found"), .number("false alarms"), .number("best in hindsight"),
    ]
    if hasDeviation { columns.insert(.number("sd"), at: 5) }
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
      if hasDeviation {
        cells.insert(Table.Cell(NABReport.fixed(line.total.deviation, 2)), at: 5)
      }
      table.add(cells)
    }
    return table.lines(width: console.width, style: console.style) + [
      "", "\(HumanNumber.count(samples)) samples, \(origin), took \(HumanNumber.duration(elapsed))",
    ]
  }

  private var hasDeviation: Bool { lines.contains { $0.total.runs.count > 1 } }

  private var origin: String {
    switch source {
    case .runs(let seeds, let budget):
      let runs =
        seeds.count == 1 ? "seed \(seeds[0])" : "mean of \(seeds.count) seeds from \(seeds[0])"
      return "\(runs), budget \(HumanNumber.value(budget)) samples per alarm"
    case .published(let detector):
      return "results of \(detector) with the thresholds published for it"
    }
  }

  /// One JSON object per line, the last one a summary.
  func json() throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func line(_ value: some Encodable) throws -> String {
      PrintableText.json(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
    var summary = SummaryJSON(samples: samples, seconds: elapsed / .seconds(1))
    switch source {
    case .runs(let seeds, let budget):
      summary.seeds = seeds
      summary.budget = budget
    case .published(let detector):
      summary.detector = detector
    }
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

    init(_ line: NABLine) {
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
    var samples: Int
    var seconds: Double
    var seeds: [UInt64]?
    var budget: Double?
    var detector: String?
  }
}
