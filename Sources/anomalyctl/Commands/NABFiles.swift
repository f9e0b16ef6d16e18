import Evaluation
import FoundationEssentials
import Inputs
import Series

/// A checkout of the Numenta Anomaly Benchmark: `data/CATEGORY/NAME.csv`,
/// `labels/combined_windows.json`, `config/profiles.json`, and our own `split.json` with lists of
/// files such as `development` and `held_out`.
struct NABFiles: Sendable {
  /// Path of its folder.
  let folder: String
  /// What it holds.
  let corpus: NABCorpus

  /// Reads labels, profiles and split.
  /// - Parameters:
  ///   - split: path of the split; nil for `split.json` in `folder`, if it exists.
  ///   - only: the only part to examine, nil for all of them.
  /// - Throws: ``CommandFailure`` that names the file and the problem.
  init(folder: String, split: String?, only: String?) throws(CommandFailure) {
    self.folder = folder
    let parts = ["data", "labels/combined_windows.json", "config/profiles.json"]
    if let missing = parts.first(where: { !LocalFile.exists("\(folder)/\($0)") }) {
      throw CommandFailure(
        "\(folder): expected a checkout of the Numenta Anomaly Benchmark with "
          + "\(parts.joined(separator: ", ")), found no \(missing); "
          + "https://github.com/numenta/NAB has it",
        exitCode: 2)
    }
    let labelPath = folder + "/labels/combined_windows.json"
    let windows = try NABFiles.labels(try LocalFile.read(labelPath), from: labelPath)
    let profiles = try NABFiles.read(
      [String: Profile].self, from: folder + "/config/profiles.json")
    let splitPath = split ?? folder + "/split.json"
    let lists =
      split != nil || LocalFile.exists(splitPath)
      ? try NABFiles.read([String: [String]].self, from: splitPath) : [:]
    do throws(NABCorpusError) {
      corpus = try NABCorpus(
        windows: windows, profiles: profiles.map { $1.named($0) }, split: lists, only: only)
    } catch {
      switch error {
      case .unlabelled(let file):
        throw CommandFailure("\(splitPath): '\(file)' has no entry in \(labelPath)")
      case .noPart(let name, let known):
        throw CommandFailure(
          "there is no part '\(name)', only \(known.joined(separator: ", "))", exitCode: 2)
      }
    }
  }

  // MARK: Series

  /// Applies `body` to every file, several at a time.
  /// - Throws: the failure of the first file that has one.
  func map<Value: Sendable>(
    _ console: Console, body: @escaping @Sendable (String) throws(CommandFailure) -> Value
  ) throws(CommandFailure) -> [Value] {
    let weights = corpus.files.map { LocalFile.size("\(folder)/data/\($0)") }
    let attempts = ParallelWork(console: console, unit: "files").map(
      corpus.files, weights: weights
    ) { file, _ in
      Result { () throws(CommandFailure) in try body(file) }
    }
    var values: [Value] = []
    for attempt in attempts { values.append(try attempt.get()) }
    return values
  }

  /// A file's rows with its labels.
  func series(_ file: String, _ samples: [Sample]) throws(CommandFailure) -> NABSeries {
    do throws(NABLabelError) {
      return try corpus.series(file, samples)
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  /// One column of a file in the benchmark's format: a header, time stamps in the first column.
  /// - Throws: ``CommandFailure`` if a row cannot be read, since labels refer to rows.
  func column(_ name: String, of path: String) throws(CommandFailure) -> [Sample] {
    var table = TableSection()
    table.timestampColumn = .column(.position(1))
    table.values = .chosen([.named(name)])
    table.timeOrder = .asRecorded
    let recording: CSVRecording
    do {
      recording = try CSVFile.read(path: path, table: table)
    } catch {
      throw CommandFailure("\(error)")
    }
    guard recording.malformed == 0, let series = recording.series.first else {
      throw CommandFailure(recording.notices.first?.text ?? "\(path): no rows")
    }
    return series.samples
  }

  /// The thresholds found by the benchmark's optimiser for another detector, by profile.
  func thresholds(of detector: String) throws(CommandFailure) -> [String: Double] {
    let path = folder + "/config/thresholds.json"
    let known = try NABFiles.read([String: [String: Threshold]].self, from: path)
    guard let thresholds = known[detector] else {
      let names = known.keys.sorted().joined(separator: ", ")
      throw CommandFailure("\(path): expected thresholds of '\(detector)', found \(names)")
    }
    return thresholds.mapValues(\.threshold)
  }

  // MARK: JSON

  private struct Threshold: Decodable {
    var threshold: Double
  }

  private struct Profile: Decodable {
    var costs: Costs

    enum CodingKeys: String, CodingKey {
      case costs = "CostMatrix"
    }

    struct Costs: Decodable {
      var tpWeight: Double
      var fpWeight: Double
      var fnWeight: Double
    }

    func named(_ name: String) -> NABProfile {
      NABProfile(
        name: name,
        truePositiveWeight: costs.tpWeight,
        falsePositiveWeight: costs.fpWeight,
        falseNegativeWeight: costs.fnWeight
      )
    }
  }

  /// The labels of each file, from the content of `combined_windows.json`.
  static func labels(
    _ bytes: [UInt8], from path: String
  ) throws(CommandFailure) -> [String: [NABWindow]] {
    var result: [String: [NABWindow]] = [:]
    for (file, pairs) in try decode([String: [[String]]].self, bytes, from: path) {
      var windows: [NABWindow] = []
      for pair in pairs {
        guard let window = NABWindow(label: pair) else {
          throw CommandFailure(
            "\(path): a label of \(file) must be two times such as 2014-04-10 07:15:00.000000, "
              + "found \(pair)"
          )
        }
        windows.append(window)
      }
      result[file] = windows
    }
    return result
  }

  private static func read<Value: Decodable>(
    _ type: Value.Type, from path: String
  ) throws(CommandFailure) -> Value {
    try decode(type, try LocalFile.read(path), from: path)
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type, _ bytes: [UInt8], from path: String
  ) throws(CommandFailure) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw CommandFailure("\(path): not in the benchmark's format: \(error)")
    }
  }
}
