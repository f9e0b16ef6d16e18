import Evaluation
import FoundationEssentials
import Series

/// The labels, profiles and split of a checkout of the Numenta Anomaly Benchmark.
///
/// Below its folder: `data/CATEGORY/NAME.csv`, `labels/combined_windows.json`,
/// `config/profiles.json`, and, which is ours, `split.json` with two lists of file names,
/// `development` and `held_out`.
struct NABCorpus: Sendable {
  /// A set of files whose total is reported.
  struct Part: Sendable {
    /// `development`, `held_out` or `all`.
    var name: String
    /// Paths below `data/`.
    var files: Set<String>
  }

  /// Path of its folder.
  let folder: String
  /// Every labelled file, as a path below `data/`, sorted.
  let files: [String]
  /// The labels of each file.
  let windows: [String: [NABWindow]]
  /// In the order in which the benchmark lists them.
  let profiles: [NABProfile]
  /// What is reported; only `all` where there is no split.
  let parts: [Part]

  /// Reads a checkout.
  /// - Parameters:
  ///   - split: path of the split; nil for `split.json` in `folder`, where there is one.
  ///   - only: the one part to look at, nil for all of them.
  /// - Throws: ``CommandFailure`` that names the file and what is wrong with it.
  init(folder: String, split: String?, only: String?) throws(CommandFailure) {
    self.folder = folder
    let labelPath = folder + "/labels/combined_windows.json"
    let windows = try NABCorpus.labels(try LocalFile.read(labelPath), from: labelPath)
    let profilePath = folder + "/config/profiles.json"
    let weights = try NABCorpus.read([String: Profile].self, from: profilePath)
    let order = ["standard", "reward_low_FP_rate", "reward_low_FN_rate"]
    profiles = weights.keys.sorted {
      (order.firstIndex(of: $0) ?? order.count, $0)
        < (order.firstIndex(of: $1) ?? order.count, $1)
    }.compactMap { name in weights[name].map { $0.named(name) } }

    var parts: [Part] = []
    let splitPath = split ?? folder + "/split.json"
    if split != nil || LocalFile.exists(splitPath) {
      let lists = try NABCorpus.read([String: [String]].self, from: splitPath)
      for name in lists.keys.sorted() {
        let listed = Set(lists[name] ?? [])
        if let stranger = listed.sorted().first(where: { windows[$0] == nil }) {
          throw CommandFailure("\(splitPath): '\(stranger)' has no entry in \(labelPath)")
        }
        parts.append(Part(name: name, files: listed))
      }
    }
    parts.append(Part(name: "all", files: Set(windows.keys)))
    if let only {
      let names = parts.map(\.name).joined(separator: ", ")
      parts.removeAll { $0.name != only }
      if parts.isEmpty {
        throw CommandFailure("no part is called '\(only)': there is \(names)", exitCode: 2)
      }
    }
    let wanted = parts.reduce(into: Set<String>()) { $0.formUnion($1.files) }
    files = windows.keys.filter(wanted.contains).sorted()
    self.windows = windows
    self.parts = parts
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
      result[file] = try windows(pairs, of: file, in: path)
    }
    return result
  }

  static func read<Value: Decodable>(
    _ type: Value.Type,
    from path: String
  ) throws(CommandFailure) -> Value {
    try decode(type, try LocalFile.read(path), from: path)
  }

  private static func decode<Value: Decodable>(
    _ type: Value.Type,
    _ bytes: [UInt8],
    from path: String
  ) throws(CommandFailure) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw CommandFailure("\(path): not what the benchmark has there: \(error)")
    }
  }

  private static func windows(
    _ pairs: [[String]],
    of file: String,
    in path: String
  ) throws(CommandFailure) -> [NABWindow] {
    var result: [NABWindow] = []
    for pair in pairs {
      guard pair.count == 2, let first = moment(pair[0]), let last = moment(pair[1]) else {
        throw CommandFailure(
          "\(path): a label of \(file) must be two times such as 2014-04-10 07:15:00.000000, "
            + "found \(pair)"
        )
      }
      result.append(NABWindow(first: first, last: last))
    }
    return result
  }

  /// The moment of a label such as `2014-04-10 07:15:00.000000`, which the benchmark takes as UTC.
  private static func moment(_ text: String) -> Timestamp? {
    let fields = text.split(maxSplits: 6, omittingEmptySubsequences: false) {
      "- :.".contains($0)
    }
    let numbers = fields.prefix(6).compactMap { Int($0) }
    guard numbers.count == 6, fields.count == 6 || fields[6].allSatisfy({ $0 == "0" }) else {
      return nil
    }
    return Timestamp(
      CivilTime(
        year: numbers[0],
        month: numbers[1],
        day: numbers[2],
        hour: numbers[3],
        minute: numbers[4],
        second: numbers[5]
      )
    )
  }
}
