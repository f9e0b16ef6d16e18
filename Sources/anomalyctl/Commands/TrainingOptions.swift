import CommandLine
import Models

/// The parsed command line of `anomalyctl train`.
struct TrainingOptions {
  /// The kind of model.
  let kind: any ModelKind.Type
  /// The recordings.
  let files: [String]
  /// The output path of the model.
  let output: String
  /// What to train.
  let request: ModelTraining.Request
  /// How the recordings are read.
  let tables: TableOptions
  /// Which rows of them.
  let rows: RowRange
  /// The source of labels; their column is not learnt from.
  let labels: LabelSource
  /// The cell value of that column that marks an anomaly; nil for every number except 0.
  let anomalous: Double?

  /// The options in addition to those of ``TableOptions`` and ``RowRange``.
  static let options: [Option] = [
    .value("output", short: "o", "MODEL", help: "Write the model to this file"),
    .value(
      "labels", "WHAT",
      help: "A label column, or a file as for evaluate; only classifiers learn from labels"),
    .value(
      "anomalous", "NUMBER",
      help: "The number in the label column that means an anomaly (default: any but 0)"),
    .value(
      "components", "SHARE",
      help: "Use the principal components that explain SHARE of the variance, such as 95%"),
    .value(
      "augment", "COUNT",
      help: "Also train on COUNT distorted copies of each file (see synthesize --like)"),
    .value("units", "LIST", help: "Units per layer, first layer first, such as 64 or 64,32"),
    .value("window", "ROWS", help: "Rows per training sequence, or per window"),
    .value("horizon", "ROWS", help: "Forecast horizon: 1, 2, 4 ... ROWS ahead"),
    .value("dropout", "SHARE", help: "Share of outputs dropped between layers (default 0)"),
    .value("batch", "COUNT", help: "Sequences per batch (default 32)"),
    .value("epochs", "COUNT", help: "The most epochs"),
    .value("patience", "COUNT", help: "Stop after COUNT epochs without improvement (default 10)"),
    .value("learning-rate", "RATE", help: "Initial step size (default 0.003)"),
    .value("validation", "SHARE", help: "Last part of each file that decides when to stop (0.2)"),
    .choice(
      "transform", ColumnTransform.allCases.map(\.rawValue),
      help: "Transformation of values; log-difference turns prices into returns"),
    .choice(
      "gaps", RowPreparer.Gaps.allCases.map(\.rawValue),
      help: "Fill a gap with the last value (default), or skip the row"),
    .choice(
      "errors", ErrorModel.Form.allCases.map(\.rawValue),
      help: "How errors are combined (default multivariate, with more than 64 gaussian)"),
    .value(
      "threshold", "RULE",
      help: "calibrated (default), quantile:0.99, quantile:0.99:1.5 (times 1.5), fixed:3, or "
        + "labelled (classifier: the best point F1 on rows held back from training)"),
    .value("budget", "ROWS", help: "Calibrated: normal rows per alarm (default 5000)"),
    .value("members", "COUNT", help: "Train COUNT networks and average their errors"),
    .flag(
      "stateless",
      help: "Keep no state: a forecaster reads --window rows per row, a classifier one"),
    .value(
      "baseline", "ROWS",
      help: "Classifier: also compare with the first ROWS rows, which must be normal"),
    .value("seed", "N", help: "Seed of initial weights, order and dropout (default 1)"),
  ]

  /// The names of all kinds.
  private static let kinds = ModelKinds.all.map { $0.name } + [TraceModel.kind]

  /// Parses the options.
  /// - Parameter needsOutput: whether an output file must be named.
  init(_ arguments: Arguments, needsOutput: Bool = true) throws {
    let name = arguments.positional[0]
    guard let kind = ModelKinds.named(name) else {
      throw UsageError.invalidValue(
        of: "KIND", value: name, expected: TrainingOptions.kinds.joined(separator: ", "),
        suggestion: NearMiss.of(name, among: TrainingOptions.kinds))
    }
    guard let output = arguments.value("output") ?? (needsOutput ? nil : "") else {
      throw UsageError.conflict("--output is required: the file for the model")
    }
    self.kind = kind
    self.output = output
    files = Array(arguments.positional.dropFirst())
    tables = try TableOptions(arguments)
    rows = try RowRange(arguments)
    labels = try LabelSource(arguments.value("labels"))
    anomalous = try arguments.number("anomalous")
    var request = ModelTraining.Request(kind)
    try TrainingOptions.read(arguments, into: &request.plan)
    for (option, kinds) in [
      ("stateless", [ForecasterModel.name, ClassifierModel.name]),
      ("baseline", [ClassifierModel.name]),
    ] where arguments.has(option) && !kinds.contains(name) {
      throw UsageError.conflict(
        "--\(option) applies to these kinds only: " + kinds.joined(separator: ", "))
    }
    if let share = try arguments.number("validation", in: 0...0.9) {
      request.validationShare = share
    }
    if let word = arguments.value("transform"), let value = ColumnTransform(rawValue: word) {
      request.transform = value
    }
    if let word = arguments.value("gaps"), let value = RowPreparer.Gaps(rawValue: word) {
      request.gaps = value
    }
    if let word = arguments.value("errors"), let value = ErrorModel.Form(rawValue: word) {
      request.errors = value
    }
    if let count = try arguments.integer("augment", in: 0...100) { request.copies = count }
    request.rule = try TrainingOptions.rule(arguments, of: kind)
    if let text = arguments.value("components") {
      let number = text.last == "%" ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
      guard let number, number > 0, number <= 1 else {
        throw UsageError.invalidValue(
          of: "--components", value: text, expected: "a share such as 95% or 0.95", suggestion: nil)
      }
      request.components = number
    }
    self.request = request
  }

  private static func read(
    _ arguments: Arguments, into plan: inout ModelPlan
  ) throws(UsageError) {
    if let text = arguments.value("units") {
      let units = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard (1...4).contains(units.count), units.allSatisfy({ (1...1024).contains($0) }) else {
        throw .invalidValue(
          of: "--units", value: text, expected: "one to four numbers from 1 to 1024, such as 64,32",
          suggestion: nil)
      }
      plan.hidden = units
    }
    if let rows = try arguments.integer("window", in: 2...4096) { plan.window = rows }
    if let rows = try arguments.integer("horizon", in: 1...256) { plan.horizon = rows }
    if let share = try arguments.number("dropout", in: 0...0.9) { plan.dropout = share }
    if let count = try arguments.integer("batch", in: 1...4096) { plan.batch = count }
    if let count = try arguments.integer("epochs", in: 1...100_000) { plan.epochs = count }
    if let count = try arguments.integer("patience", in: 1...100_000) { plan.patience = count }
    if let rate = try arguments.number("learning-rate", in: 1e-7...1) { plan.learningRate = rate }
    if let count = try arguments.integer("members", in: 1...64) { plan.members = count }
    plan.isStateless = arguments.has("stateless")
    if let rows = try arguments.integer("baseline", in: 10...100_000) { plan.baseline = rows }
    if let seed = try arguments.integer("seed", in: 0 ... .max) { plan.seed = UInt64(seed) }
  }

  /// The rule requested by `--threshold` and `--budget`.
  static func rule(
    _ arguments: Arguments, of kind: (any ModelKind.Type)? = nil
  ) throws(UsageError) -> AlarmRule.Form {
    let budget = try arguments.number("budget", in: 10...1e9)
    let isSupervised = kind?.isSupervised == true
    let text = arguments.value("threshold") ?? (isSupervised ? "labelled" : "calibrated")
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = words.dropFirst().map { Double($0) ?? .nan }
    if budget != nil, words[0] != "calibrated" {
      throw .conflict("--budget requires --threshold calibrated")
    }
    switch words[0] {
    case "calibrated" where numbers.isEmpty: return .calibrated(budget: budget ?? 5000)
    case "labelled" where numbers.isEmpty && isSupervised: return .labelled
    case "quantile" where (1...2).contains(numbers.count) && (0...1).contains(numbers[0]):
      let factor = numbers.count > 1 ? numbers[1] : 1
      if factor > 0, factor.isFinite { return .quantile(numbers[0], factor: factor) }
    case "fixed" where numbers.count == 1 && numbers[0].isFinite && numbers[0] > 0:
      return .fixed(numbers[0])
    default: break
    }
    throw .invalidValue(
      of: "--threshold", value: text,
      expected: "calibrated, quantile:SHARE, quantile:SHARE:FACTOR or fixed:DISTANCE"
        + (isSupervised ? ", or labelled" : ""),
      suggestion: nil)
  }
}
