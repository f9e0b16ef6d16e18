public import Series
public import System

/// Writes a checkpoint beside the newest one, and puts it in its place when it is complete.
///
/// Records are handed in one at a time and leave through a buffer, so that a checkpoint never needs
/// a second copy of all models. The caller waits for the disk; ``BackgroundCheckpoint`` is for one
/// that must not. After an error this checkpoint is lost and the newest one stays.
public final class CheckpointWriter {
  private static let bufferBytes = 256 << 10

  private let directory: StateDirectory
  private var file: CheckpointFile?
  private var encoder: CheckpointEncoder
  private var failure: FileError?

  init(directory: StateDirectory, at moment: Timestamp) throws(FileError) {
    self.directory = directory
    file = try CheckpointFile(in: directory.directory)
    encoder = CheckpointEncoder(at: moment, capacity: CheckpointWriter.bufferBytes * 5 / 4)
  }

  // The file has to go before the directory that it is in.
  deinit { abandon() }

  /// Adds a record. `name` has at most 1,024 bytes, `payload` appends at most 64 MiB.
  public func append(
    _ kind: RecordKind, name: String, payload: (inout ByteWriter) -> Void
  ) throws(FileError) {
    precondition(file != nil, "nothing can be added to a checkpoint after its end")
    encoder.append(kind, name: name, payload: payload)
    if encoder.writer.bytes.count >= CheckpointWriter.bufferBytes { try flush() }
  }

  /// Makes it the newest checkpoint: when this returns, neither a crash nor a power failure undoes
  /// it.
  /// - Returns: bytes written.
  @discardableResult
  public func commit() throws(FileError) -> Int {
    precondition(file != nil, "a checkpoint can be committed once")
    do throws(FileError) {
      encoder.end()
      try flush()
      try file.take()?.commit(in: directory.directory)
      return encoder.bytes
    } catch {
      abandon()
      throw error
    }
  }

  /// Discards the checkpoint; those before stay as they are. Harmless after the end.
  public func abandon() { file = nil }

  private func flush() throws(FileError) {
    if let failure { throw failure }
    do throws(FileError) {
      try file?.write(encoder.writer.bytes)
      encoder.clear()
    } catch {
      failure = error
      throw error
    }
  }
}

extension CheckpointWriter {
  /// Adds a record whose payload exists already.
  public func append(_ kind: RecordKind, name: String, payload: [UInt8]) throws(FileError) {
    try append(kind, name: name) { $0.write(raw: payload) }
  }
}
