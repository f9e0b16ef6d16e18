package import Networks
package import Series

/// A kind of model: the shape of its network, what it learns from, how it reads new rows.
///
/// A new kind consists of this with its ``KindSource`` in one file, its ``KindReader`` in another,
/// and an entry in ``ModelKinds``.
package protocol ModelKind: Sendable {
  /// What it learns from.
  associatedtype Source: KindSource
  /// Reads new rows with a trained network.
  associatedtype Reader: KindReader

  /// Its name in commands and files.
  static var name: String { get }
  /// Completes "a model that is …".
  static var summary: String { get }
  /// Its default sizes.
  static var defaults: ModelPlan { get }
  /// Whether it learns from labels.
  static var isSupervised: Bool { get }

  /// The network over `batch` sequences of `steps` rows, or as many windows.
  static func pass(
    _ plan: ModelPlan, columns: Int, clockCount: Int, steps: Int, batch: Int
  ) -> Source.Pass

  /// How often all weights are used per new row.
  static func uses(_ plan: ModelPlan) -> Int

  /// Rows of a stretch that are only stored before the network runs for the first time.
  static func rowsBeforeFirst(_ plan: ModelPlan) -> Int
}

extension ModelKind {
  package static var isSupervised: Bool { false }

  package static func uses(_ plan: ModelPlan) -> Int { 1 }

  package static func rowsBeforeFirst(_ plan: ModelPlan) -> Int { 0 }

  /// Number of weights of such a network.
  package static func weightCount(plan: ModelPlan, columns: Int, clockCount: Int) -> Int {
    pass(plan, columns: columns, clockCount: clockCount, steps: 1, batch: 1).parameterCount
  }

  /// A reader of new rows with a trained network.
  /// - Parameter weights: ``weightCount(plan:columns:clockCount:)`` floats.
  package static func reader(
    plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]
  ) -> any RowReader {
    Reader(plan: plan, columns: columns, clockCount: clockCount, weights: weights)
  }
}

/// Examples of a kind of model, from prepared rows.
package protocol KindSource: ExampleSource {
  /// The examples of two parts of recordings; the validation part is never learnt from.
  init(training: RowTape, validation: RowTape, plan: ModelPlan)
}

/// Reads prepared rows in order and computes how far each is from the model's expectation.
package protocol RowReader: AnyObject {
  /// Number of errors for each row.
  var width: Int { get }

  /// The column that an error belongs to.
  func column(of error: Int) -> Int

  /// How many rows ahead the forecast behind an error was made; nil if it is not of a forecast.
  func horizon(of error: Int) -> Int?

  /// Reads rows that continue those of the last call, and appends the results.
  func read(_ tape: RowTape, into readings: inout RowReadings)

  /// Reads or writes its memory of earlier rows.
  func code(_ coder: inout some StateCoder) throws(StateDecodingError)
}

extension RowReader {
  package func horizon(of error: Int) -> Int? { nil }
}

/// A reader's results for rows, in standard units; NaN if unknown.
package struct RowReadings: Sendable {
  /// `[rows][width]`: how far rows are from the model's expectation.
  package var errors: [Float] = []
  /// `[rows][columns]`: the value expected one row ahead.
  package var forecasts: [Float] = []
  /// `[rows][columns]`: the scale of the Student-t distribution around it.
  package var scales: [Float] = []

  /// Those of no rows.
  package init() {}

  /// Removes all rows.
  mutating func removeAll() {
    errors.removeAll(keepingCapacity: true)
    forecasts.removeAll(keepingCapacity: true)
    scales.removeAll(keepingCapacity: true)
  }
}

/// The reader of one trained network of a kind.
package protocol KindReader: RowReader {
  /// A reader that has read nothing.
  init(plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float])
}

/// All kinds.
package enum ModelKinds {
  /// In the order in which they are listed.
  package static let all: [any ModelKind.Type] = [
    ForecasterModel.self, AutoencoderModel.self, ClassifierModel.self, WindowModel.self,
  ]

  /// The kind of that name.
  package static func named(_ name: String) -> (any ModelKind.Type)? {
    all.first { $0.name == name }
  }
}
