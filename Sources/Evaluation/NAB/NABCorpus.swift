public import Series

/// Why labels, profiles and lists of files are not a valid corpus.
public enum NABCorpusError: Error, Equatable {
  /// A list names a file that has no entry among the labels.
  case unlabelled(file: String)
  /// There is no part of that name.
  case noPart(String, known: [String])
}

/// The labels, profiles and parts of the Numenta Anomaly Benchmark.
public struct NABCorpus: Sendable {
  /// A set of files whose total is reported.
  public struct Part: Equatable, Sendable {
    /// Such as `development`, `held_out` or `all`.
    public let name: String
    /// Paths below `data/`.
    public let files: Set<String>
  }

  /// Every file of a part, as a path below `data/`, sorted.
  public let files: [String]
  /// The labels of each file.
  public let windows: [String: [NABWindow]]
  /// In the benchmark's order.
  public let profiles: [NABProfile]
  /// What is reported.
  public let parts: [Part]

  private static let order = ["standard", "reward_low_FP_rate", "reward_low_FN_rate"]

  /// A corpus of these labels and profiles.
  /// - Parameters:
  ///   - split: lists of files by the name of their part; `all` is added.
  ///   - only: the only part to examine, nil for all of them.
  public init(
    windows: [String: [NABWindow]], profiles: [NABProfile], split: [String: [String]],
    only: String? = nil
  ) throws(NABCorpusError) {
    var parts: [Part] = []
    for name in split.keys.sorted() {
      let listed = Set(split[name] ?? [])
      if let stranger = listed.sorted().first(where: { windows[$0] == nil }) {
        throw .unlabelled(file: stranger)
      }
      parts.append(Part(name: name, files: listed))
    }
    parts.append(Part(name: "all", files: Set(windows.keys)))
    if let only {
      let known = parts.map(\.name)
      parts.removeAll { $0.name != only }
      if parts.isEmpty { throw .noPart(only, known: known) }
    }
    let wanted = parts.reduce(into: Set<String>()) { $0.formUnion($1.files) }
    files = windows.keys.filter(wanted.contains).sorted()
    self.profiles = profiles.sorted { NABCorpus.rank($0) < NABCorpus.rank($1) }
    self.windows = windows
    self.parts = parts
  }

  private static func rank(_ profile: NABProfile) -> (Int, String) {
    (order.firstIndex(of: profile.name) ?? order.count, profile.name)
  }

  /// A file's rows with its labels.
  /// - Throws: ``NABLabelError`` if they do not fit.
  public func series(_ file: String, _ samples: [Sample]) throws(NABLabelError) -> NABSeries {
    try NABSeries(name: file, timestamps: samples.map(\.timestamp), windows: windows[file] ?? [])
  }

  /// The results of our detector: one line per part and profile.
  /// - Parameter outcomes: one per file.
  public func lines(_ outcomes: [NABOutcome]) -> [NABLine] {
    lines(outcomes, of: \.series.name) { part, chosen, profile in
      NABLine(
        part: part, files: chosen.count, profile: profile.name,
        total: NABOutcome.total(of: chosen, profile: profile),
        hindsight: NABOutcome.hindsight(of: chosen, profile: profile))
    }
  }

  /// The results of another detector's published scores.
  /// - Parameters:
  ///   - results: one per file.
  ///   - thresholds: by profile; a profile without one raises no alarm.
  public func lines(_ results: [NABPublished], thresholds: [String: Double]) -> [NABLine] {
    lines(results, of: \.series.name) { part, chosen, profile in
      let threshold = thresholds[profile.name] ?? .infinity
      let score = chosen.reduce(into: NABScore()) { sum, result in
        let alarms = result.scores.indices.filter { result.scores[$0] >= threshold }
        sum += NABScore(alarms: alarms, in: result.series, profile: profile)
      }
      let best = NABOptimum(chosen.map { ($0.series, $0.scores) }, profile: profile)
      return NABLine(
        part: part, files: chosen.count, profile: profile.name,
        total: NABTotal(runs: [score]), hindsight: NABTotal(runs: [best.score]))
    }
  }

  private func lines<Value>(
    _ values: [Value], of name: (Value) -> String,
    line: (String, [Value], NABProfile) -> NABLine
  ) -> [NABLine] {
    parts.flatMap { part in
      let chosen = values.filter { part.files.contains(name($0)) }
      return chosen.isEmpty ? [] : profiles.map { line(part.name, chosen, $0) }
    }
  }
}
