import Detection
import Series

@testable import Models

/// A small model of each kind, as a file.
private let files: [[UInt8]] = ModelKinds.all.compactMap { kind in
  var table = RecordedTable(name: "x.csv", columns: ["a", "b"])
  for row in 0..<80 {
    table.append(at: Timestamp(seconds: Double(row)))
    table[row, 0] = Double(row % 7)
    table[row, 1] = Double(row * row % 11)
  }
  table.labels = (0..<80).map { $0 % 9 < 3 }
  var request = ModelTraining.Request(kind)
  request.plan.hidden = [1]
  request.plan.window = 2
  request.plan.horizon = 2
  request.plan.epochs = 1
  request.plan.updates = 1
  return try? ModelTraining(request, [table]).run(threads: 1, began: { _, _ in }) { _ in true }
    .bytes
}

/// The bytes with length and checksum right, so that the content is read.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.count >= 24 else { return bytes }
  var writer = ByteWriter()
  let content = Array(bytes[24...])
  writer.write(raw: bytes[..<12])
  writer.write(UInt64(content.count))
  writer.write(CRC32C.checksum(of: content))
  writer.write(raw: content)
  return writer.bytes
}

/// The models of those files, and rows for them.
private let loaded: [LoadedModel] = files.compactMap { try? LoadedModel(bytes: $0) }

/// Has a detector judge rows.
private func step(_ detector: ModelDetector, _ rows: Range<Int>) {
  for row in rows {
    let values = [Double(row % 7), row == 41 ? .nan : Double(row * row % 11)]
    let verdict = detector.step(
      .row(values.span), at: Timestamp(seconds: Double(row)), StepContext(.rows), next: nil)
    promise(!verdict.score.isNaN, "a score is a number")
  }
}

extension FuzzTarget {
  /// The stored state of a detector of rows; the first byte chooses the kind of model. What is read goes
  /// on, and can be written.
  static let modelDetector = FuzzTarget(
    "model-detector", maximumBytes: 8192,
    seeds: loaded.enumerated().map { index, model in
      let detector = ModelDetector(model, configuration: DetectorConfiguration())
      step(detector, 0..<40)
      return [UInt8(index)] + detector.encode()
    }
  ) { bytes in
    guard let choice = bytes.first, !loaded.isEmpty else { return }
    let fresh = ModelDetector(
      loaded[Int(choice) % loaded.count], configuration: DetectorConfiguration())
    guard
      let detector = try? fresh.restored(
        from: Array(bytes.dropFirst()), configuration: DetectorConfiguration()) as? ModelDetector
    else { return }
    let again = detector.encode()
    promise(
      (try? fresh.restored(from: again, configuration: DetectorConfiguration())) != nil,
      "a state that was read can be written and read")
    step(detector, 40..<44)
    _ = detector.encode()
  }

  /// Models: what is read can be written and judges rows.
  static let models = FuzzTarget("models", maximumBytes: 8192, seeds: files) { bytes in
    for bytes in [bytes, mended(bytes)] {
      if let traces = try? TraceModel(bytes: bytes) {
        let again = traces.bytes
        promise(
          (try? TraceModel(bytes: again))?.bytes == again, "a model of traces survives it, too")
      }
      guard let model = try? TrainedModel(bytes: bytes) else { continue }
      let again = model.bytes
      promise((try? TrainedModel(bytes: again))?.bytes == again, "a model survives being written")
      var table = RecordedTable(name: "x", columns: model.columns.map(\.name))
      for row in 0..<5 { table.append(at: Timestamp(seconds: Double(row))) }
      try? ModelRun(model)?.judge(table) { _, row in
        promise(!row.verdict.score.isNaN, "a score is a number")
      }
    }
  }
}
