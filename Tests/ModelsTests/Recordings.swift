import Glibc
import Models
import Networks
import Series

/// Synthetic recordings for tests.
enum Recordings {
  /// Rows one minute apart: a wave, the same half a period later, and noise on both; an anomaly at
  /// `broken`, in which the second column is constant.
  static func waves(rows: Int, broken: Range<Int> = 0..<0, seed: UInt64 = 1) -> RecordedTable {
    var table = RecordedTable(name: "waves.csv", columns: ["one", "two"])
    var random = XorShift(seed: seed)
    for row in 0..<rows {
      table.append(at: Timestamp(seconds: 1_700_000_000 + 60 * Double(row)))
      let angle = Double(row) / 25 * 2 * .pi
      table[row, 0] = 50 + 10 * sin(angle) + 0.3 * random.gaussian()
      table[row, 1] = 5 + (broken.contains(row) ? 0.7 : cos(angle)) + 0.03 * random.gaussian()
    }
    table.labels = (0..<rows).map(broken.contains)
    return table
  }

  /// A small training of a kind.
  static func request(_ kind: any ModelKind.Type) -> ModelTraining.Request {
    var request = ModelTraining.Request(kind)
    request.plan.hidden = [16]
    request.plan.window = 16
    request.plan.horizon = 4
    request.plan.batch = 16
    request.plan.epochs = 25
    return request
  }

  /// The kinds, and those with options that change what they read.
  static let variants = ModelKinds.all.map { $0.name } + ["stateless", "baseline", "rows"]

  /// A trained model of that name of ``variants``.
  static func model(_ variant: String) throws -> TrainedModel {
    switch variant {
    case "stateless": return try model(ForecasterModel.self) { $0.isStateless = true }
    case "baseline": return try model(ClassifierModel.self) { $0.baseline = 60 }
    case "rows":
      return try model(ClassifierModel.self) {
        $0.isStateless = true
        $0.batch = 128
      }
    default:
      guard let kind = ModelKinds.named(variant) else { throw UnknownVariant(name: variant) }
      return try model(kind)
    }
  }

  struct UnknownVariant: Error {
    var name: String
  }

  /// A trained model; one that learns from labels has seen the second column being constant.
  static func model(
    _ kind: any ModelKind.Type, change: (inout ModelPlan) -> Void = { _ in }
  ) throws -> TrainedModel {
    var request = request(kind)
    change(&request.plan)
    let tables =
      kind.isSupervised
      ? (1...6).map {
        waves(rows: 400, broken: (100 + 30 * $0)..<(150 + 30 * $0), seed: UInt64($0))
      }
      : [waves(rows: 1500)]
    return try ModelTraining(request, tables).run(threads: 2) { _, _ in
    } proceed: { _ in
      true
    }
  }

  /// The verdicts of a model about a recording, by row.
  static func verdicts(
    _ model: TrainedModel, _ table: RecordedTable
  ) throws -> [Int: ModelRun.Row] {
    var rows: [Int: ModelRun.Row] = [:]
    try ModelRun(model)?.judge(table) { rows[$0] = $1 }
    return rows
  }
}
