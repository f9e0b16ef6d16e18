import Series

/// A model file in use: what it contains, and by what it is recognised after a restart.
package final class LoadedModel: Sendable {
  /// The model, read row by row.
  package let model: TrainedModel
  /// CRC-32C of the whole file.
  package let checksum: UInt32

  /// The most bytes of a file.
  package static let maximumBytes = 96 << 20
  /// The most multiplications that one row may take: some ten milliseconds, in which nothing else is done.
  package static let mostMultiplications = 20_000_000

  /// The model in the content of a file.
  package init(bytes: [UInt8]) throws(TrainedModel.FileError) {
    var model = try TrainedModel(bytes: bytes)
    // Rows come one at a time.
    model.plan.batch = 1
    self.model = model
    checksum = CRC32C.checksum(of: bytes)
  }

  /// Names of its columns, in the order in which it reads them.
  package var columns: [String] { model.columns.map(\.name) }

  /// Multiplications that one row takes.
  package var multiplications: Int {
    let uses = ModelKinds.named(model.kind)?.uses(model.plan) ?? 1
    return model.weights.count * uses
  }
}
