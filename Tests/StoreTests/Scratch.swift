import FoundationEssentials
import Series
import Store
import System

/// A state directory of its own, removed at the end.
final class Scratch {
  let path = FileManager.default.temporaryDirectory.path + "/store-" + UUID().uuidString

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func open() throws(StoreError) -> StateDirectory { try StateDirectory(path: path) }

  /// The names in the directory, sorted.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path + "/" + name)))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path + "/" + name))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }
}

/// Writes a checkpoint of these records, made `seconds` after 1970.
@discardableResult
func save(
  _ records: [CheckpointRecord], in state: StateDirectory, at seconds: Int64 = 1
) throws(FileError) -> Int {
  let writer = try state.beginCheckpoint(at: Timestamp(nanoseconds: seconds * 1_000_000_000))
  for record in records {
    try writer.append(record.kind, name: record.name, payload: record.payload)
  }
  return try writer.commit()
}

/// The records returned by a restore.
func restore(
  _ state: StateDirectory
) throws(StoreError) -> (report: RestoreReport?, records: [CheckpointRecord]) {
  var records: [CheckpointRecord] = []
  let report = try state.restore { records.append($0) }
  return (report, records)
}

/// Three small records with different bytes.
func someRecords(_ seed: UInt8) -> [CheckpointRecord] {
  [
    CheckpointRecord(kind: .agent, name: "", payload: [seed]),
    CheckpointRecord(kind: .input, name: "größe", payload: []),
    CheckpointRecord(kind: .metric, name: "cpu.busy", payload: [1, 2, seed]),
  ]
}
