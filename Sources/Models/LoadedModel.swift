import Series

/// A model file in use: its contents, and how it is recognised after a restart.
package final class LoadedModel: Sendable {
  /// The model, read row by row.
  package let model: TrainedModel
  /// CRC-32C of the whole file.
  package let checksum: UInt32
  /// How long this machine takes to judge one row; nil if that was not measured.
  package let rowTime: Duration?

  /// Maximum size of a file in bytes.
  package static let maximumBytes = 96 << 20
  /// Maximum number of multiplications per row, whatever the machine: keeps even the measurement
  /// short.
  package static let mostMultiplications = 50_000_000

  /// The model in the contents of a file.
  /// - Parameter measure: runs the closure it is given and returns the time taken; nil: nothing is
  ///   measured.
  package init(
    bytes: [UInt8], measure: ((() -> Void) -> Duration)? = nil
  ) throws(TrainedModel.FileError) {
    var model = try TrainedModel(bytes: bytes)
    // Rows arrive one at a time.
    model.plan.batch = 1
    self.model = model
    checksum = CRC32C.checksum(of: bytes)
    let isAffordable = LoadedModel.multiplications(of: model) <= LoadedModel.mostMultiplications
    rowTime = isAffordable ? measure.flatMap { LoadedModel.rowTime(of: model, $0) } : nil
  }

  /// Names of its columns, in the order in which it reads them.
  package var columns: [String] { model.columns.map(\.name) }

  /// Multiplications per row.
  package var multiplications: Int { LoadedModel.multiplications(of: model) }

  private static func multiplications(of model: TrainedModel) -> Int {
    model.weights.count * (ModelKinds.named(model.kind)?.uses(model.plan) ?? 1)
  }

  /// The time that the model takes for a row of zeros.
  private static func rowTime(
    of model: TrainedModel, _ measure: (() -> Void) -> Duration
  ) -> Duration? {
    guard let kind = ModelKinds.named(model.kind), let reader = model.reader else { return nil }
    var (tape, readings, judge) = (model.tape, RowReadings(), model.judge)
    let lead = kind.rowsBeforeFirst(model.plan)
    tape.append(zeros: lead, begins: true)
    reader.read(tape, into: &readings)
    tape.removeAll()
    tape.append(zeros: 1, begins: lead == 0)
    func row() {
      readings.removeAll()
      reader.read(tape, into: &readings)
      readings.errors.withUnsafeBufferPointer {
        if let start = $0.baseAddress { _ = judge.judge(start) }
      }
    }
    // The first row also pays for first-touch memory.
    row()
    return measure(row)
  }
}
