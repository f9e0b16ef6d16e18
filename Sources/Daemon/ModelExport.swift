import Control
import Monitor
import Series
import Store

/// The exported state of a metric as a reply in parts; for a snapshot, the parts are empty until
/// the metric has been found in it.
final class ModelExportStream: ReplyStream {
  /// The bytes of a part.
  private static let partBytes = 48 << 10
  /// Snapshot records skipped per part.
  private static let recordsPerPart = 500

  private enum Stage {
    case searching(SnapshotReader, (_ state: [UInt8]) -> PortableModel)
    case sending(ArraySlice<UInt8>)
  }

  private let name: String
  private var stage: Stage

  /// The state of a metric now.
  init(_ model: PortableModel) {
    name = model.metric.text
    stage = .sending(model.bytes[...])
  }

  /// The state of the metric `name` in a snapshot.
  /// - Parameter model: creates the export of a stored state.
  init(_ name: String, in reader: SnapshotReader, _ model: @escaping ([UInt8]) -> PortableModel) {
    self.name = name
    stage = .searching(reader, model)
  }

  var isReady: Bool { true }

  func next() throws(ControlError) -> ReplyStreamStep {
    switch stage {
    case .sending(let bytes):
      let part = bytes.prefix(ModelExportStream.partBytes)
      let rest = bytes.dropFirst(part.count)
      stage = .sending(rest)
      return .part(ExportReply(Array(part)), continues: !rest.isEmpty)
    case .searching(let reader, let model):
      if let state = try search(reader) { stage = .sending(model(state).bytes[...]) }
      return .part(ExportReply([]), continues: true)
    }
  }

  func end() {}

  private func search(_ reader: SnapshotReader) throws(ControlError) -> [UInt8]? {
    for _ in 0..<ModelExportStream.recordsPerPart {
      let step: SnapshotReader.Step
      do throws(StoreError) {
        step = try reader.next(where: { $0 == name })
      } catch {
        throw .modelsRefused("the snapshot cannot be read: \(error)")
      }
      switch step {
      case .other: continue
      case .end: throw .modelsRefused("the snapshot has no metric '\(name)'")
      case .metric(_, let state?): return state
      case .metric(_, nil): throw .modelsRefused("'\(name)' is damaged in the snapshot")
      }
    }
    return nil
  }
}
