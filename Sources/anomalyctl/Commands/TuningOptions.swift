import CommandLine
import Evaluation
import Models
import Series

/// The parsed command line of `anomalyctl tune`.
struct TuningOptions {
  /// The detector itself, or nil for a model.
  let isDetector: Bool
  /// The training of each trial, except for what varies; nil for the detector.
  let training: TrainingOptions?
  /// The parameters.
  let parameters: [Tuner.Parameter]
  /// Trials in all.
  let trials: Int
  /// The file in which trials are kept.
  let state: String?
  /// The measure to maximise; nil without labels.
  let measure: Scorecard.Measure?
  /// Matching of alarms and anomalies.
  let matching: Scorecard.Matching
  /// Seed of the search.
  let seed: UInt64
  /// The recordings.
  let tables: [RecordedTable]

  /// Parses the options, and reads the recordings.
  init(_ arguments: Arguments) throws {
    isDetector = arguments.positional[0] == "detector"
    training = isDetector ? nil : try TrainingOptions(arguments, needsOutput: false)
    trials = try arguments.integer("trials", in: 1...10_000) ?? 20
    state = arguments.value("state")
    seed = UInt64(try arguments.integer("seed", in: 0 ... .max) ?? 1)
    matching = Scorecard.Matching(
      joining: try arguments.integer("join", in: 1...1_000_000) ?? 30,
      tolerance: try arguments.integer("tolerance", in: 0...1_000_000) ?? 0)
    let labels = try LabelSource(arguments.value("labels"))
    let anomalous = try arguments.number("anomalous")
    let (tableOptions, range) = (try TableOptions(arguments), try RowRange(arguments))
    tables = try arguments.positional.dropFirst().map { path in
      var file = try RecordingFile(path, tableOptions, label: labels.column)
      file.table.labels = labels.labels(of: file, value: anomalous)
      file.keep(range.rows(of: file.table))
      return file.table
    }
    let isLabelled = tables.contains { $0.labels?.contains(true) == true }
    guard isLabelled || (!isDetector && training?.kind.isSupervised == false) else {
      throw CommandFailure("expected labels with anomalies, found none: see --labels")
    }
    measure =
      isLabelled
      ? arguments.value("measure").flatMap(Scorecard.Measure.init) ?? .eventF1 : nil
    let known = isDetector ? DetectorTuning.known : ModelTuning.known
    var usual = isDetector ? known.map(\.name) : ["units", "window", "learning-rate"]
    if !isDetector, isLabelled, case .calibrated = training?.request.rule { usual.append("budget") }
    let wanted = arguments.values("parameter")
    parameters = try (wanted.isEmpty ? usual : wanted).map {
      try TuningOptions.parameter($0, known)
    }
  }

  private static func parameter(
    _ text: String, _ known: [Tuner.Parameter]
  ) throws(UsageError) -> Tuner.Parameter {
    let parts = text.split(separator: "=", maxSplits: 1)
    let names = known.map(\.name)
    guard var parameter = known.first(where: { $0.name == parts.first ?? "" }) else {
      throw .invalidValue(
        of: "--parameter", value: text, expected: names.joined(separator: ", "),
        suggestion: NearMiss.of(String(parts.first ?? ""), among: names))
    }
    guard parts.count > 1 else { return parameter }
    let bounds = parts[1].split(separator: ":").map { Double($0) ?? .nan }
    guard bounds.count == 2, bounds[0] < bounds[1], bounds.allSatisfy(\.isFinite),
      bounds[0] > (parameter.isLogarithmic ? 0 : -1)
    else {
      throw .invalidValue(
        of: "--parameter", value: text, expected: "NAME=LOW:HIGH, such as window=16:256",
        suggestion: nil)
    }
    parameter.range = bounds[0]...bounds[1]
    return parameter
  }
}
