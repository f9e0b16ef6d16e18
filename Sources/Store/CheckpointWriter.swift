import Glibc
public import Series
public import System

/// Writes a checkpoint alongside the newest one, and replaces it when complete.
///
/// Records are added one at a time and written through a buffer, so that a checkpoint never needs a
/// second copy of all models. The caller waits for the disk; use ``BackgroundCheckpoint`` if it
/// must not. After an error this checkpoint is lost and the newest one is kept.
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

  // The file must be released before the directory that it is in.
  deinit { abandon() }

  /// Adds a record. `name` has at most 1,024 bytes, `payload` appends at most 64 MiB.
  public func append(
    _ kind: RecordKind, name: String, payload: (inout ByteWriter) -> Void
  ) throws(FileError) {
    precondition(file != nil, "nothing can be added to a checkpoint after its end")
    encoder.append(kind, name: name, payload: payload)
    if encoder.writer.bytes.count >= CheckpointWriter.bufferBytes { try flush() }
  }

  /// Makes it the newest checkpoint: when this returns, it survives a crash and a power failure.
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

  /// Discards the checkpoint; earlier ones are unaffected. Harmless after the end.
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

/// What to do with a checkpoint once it is complete.
enum CheckpointTarget: Sendable {
  /// The newest checkpoint; a snapshot of this name as well.
  case newest(snapshot: String?)
  /// Only a snapshot.
  case snapshot(String)
}

/// The file of a checkpoint that is being written, `checkpoint.new`. Unless it is committed, it is
/// removed when it goes out of scope, and earlier checkpoints are unaffected.
struct CheckpointFile: ~Copyable, Sendable {
  private let file: ReplacementFile

  /// Creates it in a directory, which must outlive this value.
  init(in directory: borrowing Directory) throws(FileError) {
    file = try ReplacementFile("checkpoint.new", in: directory)
  }

  /// Appends bytes.
  borrowing func write(_ bytes: [UInt8]) throws(FileError) {
    try file.write(bytes.span.bytes)
  }

  /// Makes it the newest checkpoint of `directory`, and the newest the previous one; or a snapshot.
  /// When this returns, the change survives a crash and a power failure; after an error nothing has
  /// changed.
  consuming func commit(
    in directory: borrowing Directory, as target: CheckpointTarget = .newest(snapshot: nil)
  ) throws(FileError) {
    try file.synchronize()
    guard case .newest(let snapshot) = target else {
      if case .snapshot(let name) = target {
        try file.move(to: ModelLibrary.file(of: name), in: directory)
        try directory.synchronize()
      }
      return
    }
    if directory.has("checkpoint") {
      // On a file system without hard links there is only the previous checkpoint for a moment,
      // which the reader accepts.
      if !directory.link("checkpoint", as: "checkpoint.old") {
        try directory.rename("checkpoint", to: "checkpoint.old")
      }
    }
    try file.move(to: "checkpoint", in: directory)
    if let snapshot, !directory.link("checkpoint", as: ModelLibrary.file(of: snapshot)) {
      throw FileError(operation: "link", path: directory.path(of: "checkpoint"), errno: .last)
    }
    try directory.synchronize()
  }
}
