package import Networks

/// A kind of model: what its network looks like, what it learns from, how it reads new rows.
///
/// A new kind is this in one file, its ``RowReader`` in another, and an entry in ``ModelKinds``.
package protocol ModelKind: Sendable {
  /// What it learns from.
  associatedtype Source: ExampleSource

  /// The word for it in commands and files.
  static var name: String { get }
  /// What it is, to complete "a model that is …".
  static var summary: String { get }
  /// The sizes that it has unless told otherwise.
  static var defaults: ModelPlan { get }

  /// The examples for training.
  static func source(
    training: RowTape, validation: RowTape, plan: ModelPlan
  ) -> Source

  /// A reader of new rows with a trained network.
  /// - Parameter weights: as many as ``weightCount(plan:columns:clockCount:)`` says.
  static func reader(
    plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]
  ) -> any RowReader

  /// Number of weights of such a network.
  static func weightCount(plan: ModelPlan, columns: Int, clockCount: Int) -> Int
}

/// Reads prepared rows in order and says by how much each misses what the model expects.
package protocol RowReader: AnyObject {
  /// Number of errors for each row.
  var width: Int { get }

  /// The column that an error is of.
  func column(of error: Int) -> Int

  /// Reads rows that continue those of the last call.
  /// - Parameters:
  ///   - errors: `[rows][width]` are appended, in standard units; NaN where unknown.
  ///   - forecasts: `[rows][columns]` are appended: what was expected, in standard units; NaN where
  ///     unknown.
  func read(_ tape: RowTape, errors: inout [Float], forecasts: inout [Float])
}

/// All kinds.
package enum ModelKinds {
  /// In the order in which they are listed.
  package static let all: [any ModelKind.Type] = [
    ForecasterModel.self, AutoencoderModel.self, WindowModel.self,
  ]

  /// The kind of that name.
  package static func named(_ name: String) -> (any ModelKind.Type)? {
    all.first { $0.name == name }
  }
}
