public import Series

/// Writes one checkpoint beside the newest one, and puts it in its place when it is complete.
///
/// Records are handed in one at a time and leave through a buffer, so that a checkpoint never needs
/// a second copy of all models. The caller waits for the disk; see ``BackgroundCheckpoint`` for one
/// who cannot. After an error the checkpoint is lost, the one before stays.
public final class CheckpointWriter {
  private static let bufferBytes = 256 << 10

  private let directory: StateDirectory
  private let file: CheckpointFile
  private var encoder: CheckpointEncoder
  private var failure: StoreError?
  private var isDone = false

  init(directory: StateDirectory, at moment: Timestamp) throws(StoreError) {
    self.directory = directory
    file = try CheckpointFile(in: directory.directory.raw, path: directory.path)
    encoder = CheckpointEncoder(at: moment, capacity: CheckpointWriter.bufferBytes * 5 / 4)
  }

  deinit { abandon() }

  /// Adds a record. `name` has at most 1,024 bytes, `payload` appends at most 64 MiB.
  public func append(
    _ kind: RecordKind, name: String, payload: (inout ByteWriter) -> Void
  ) throws(StoreError) {
    precondition(!isDone, "nothing can be added to a checkpoint after its end")
    encoder.append(kind, name: name, payload: payload)
    if encoder.writer.bytes.count >= CheckpointWriter.bufferBytes { try flush() }
  }

  /// Makes the checkpoint the newest one, for good: after this returns, neither a crash nor a
  /// power failure takes it away.
  /// - Returns: bytes written.
  @discardableResult
  public func commit() throws(StoreError) -> Int {
    precondition(!isDone, "a checkpoint can be committed once")
    do throws(StoreError) {
      encoder.end()
      try flush()
      try file.commit()
      isDone = true
      return encoder.bytes
    } catch {
      abandon()
      throw error
    }
  }

  /// Gives the checkpoint up; those before stay as they are. Harmless after the end.
  public func abandon() {
    if !isDone { file.abandon() }
    isDone = true
  }

  private func flush() throws(StoreError) {
    if let failure { throw failure }
    do throws(StoreError) {
      try file.write(encoder.writer.bytes)
      encoder.clear()
    } catch {
      failure = error
      throw error
    }
  }
}

extension CheckpointWriter {
  /// Adds a record whose payload is there already.
  public func append(_ kind: RecordKind, name: String, payload: [UInt8]) throws(StoreError) {
    try append(kind, name: name) { $0.write(raw: payload) }
  }
}
