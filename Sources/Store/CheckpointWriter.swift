import Glibc
import Series

/// Writes one checkpoint beside the newest one, and puts it in its place when it is complete.
///
/// Records are handed in one at a time and leave through a buffer of 64 KiB, so that a checkpoint
/// never needs a second copy of all models. After an error the checkpoint is lost, the one before
/// stays.
public final class CheckpointWriter {
  private static let bufferBytes = 64 << 10

  private let directory: StateDirectory
  private let file: FileDescriptor
  private let path: String
  private var buffer: [UInt8] = []
  private var checksum = CRC32C()
  private var failure: StoreError?
  private var isDone = false

  /// Records so far.
  public private(set) var records = 0
  /// Bytes so far.
  public private(set) var bytes = 0

  init(directory: StateDirectory, at moment: Timestamp) throws(StoreError) {
    self.directory = directory
    path = directory.path + "/checkpoint.new"
    // Not truncated but made anew: the name may be a link that someone else put there.
    unlinkat(directory.directory.raw, "checkpoint.new", 0)
    file = try FileDescriptor(
      "checkpoint.new", in: directory.directory.raw,
      flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path: path)
    buffer.reserveCapacity(CheckpointWriter.bufferBytes)
    try putPart(CheckpointFormat.header(at: moment))
  }

  deinit { abandon() }

  /// Adds a record. `name` has at most 1,024 bytes, `payload` at most 64 MiB.
  public func append(_ kind: RecordKind, name: String, payload: [UInt8]) throws(StoreError) {
    precondition(!isDone, "nothing can be added to a checkpoint after its end")
    precondition(
      name.utf8.count <= CheckpointFormat.maximumNameBytes
        && payload.count <= CheckpointFormat.maximumPayloadBytes,
      "a record is larger than its reader accepts")
    try putPart(CheckpointFormat.recordHeader(kind, name, payload: payload))
    try put(payload)
    records += 1
  }

  /// Makes the checkpoint the newest one, for good: after this returns, neither a crash nor a
  /// power failure takes it away.
  /// - Returns: bytes written.
  @discardableResult
  public func commit() throws(StoreError) -> Int {
    precondition(!isDone, "a checkpoint can be committed once")
    do throws(StoreError) {
      let count = CheckpointFormat.end(count: UInt64(records))
      checksum.update(count)
      try put(count)
      var end = ByteWriter()
      end.write(checksum.value)
      try put(end.bytes)
      try flush()
      try check(fdatasync(file.raw), "fdatasync", path)
      try replace()
      isDone = true
      return bytes
    } catch {
      abandon()
      throw error
    }
  }

  /// Gives the checkpoint up; those before stay as they are. Harmless after the end.
  public func abandon() {
    if !isDone { unlinkat(directory.directory.raw, "checkpoint.new", 0) }
    isDone = true
  }

  /// The newest becomes the one before, the new one the newest, and both are on the disk.
  private func replace() throws(StoreError) {
    let raw = directory.directory.raw
    let newest = directory.path + "/checkpoint"
    if faccessat(raw, "checkpoint", F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
      unlinkat(raw, "checkpoint.old", 0)
      // A file system without hard links: for a moment only the one before has a name, and the
      // reader copes.
      if linkat(raw, "checkpoint", raw, "checkpoint.old", 0) != 0 {
        try check(renameat(raw, "checkpoint", raw, "checkpoint.old"), "rename", newest)
      }
    }
    try check(renameat(raw, "checkpoint.new", raw, "checkpoint"), "rename", newest)
    try check(fsync(raw), "fsync", directory.path)
  }

  /// Puts a part that ends in its own checksum.
  private func putPart(_ data: [UInt8]) throws(StoreError) {
    checksum.update(Array(data.dropLast(CheckpointFormat.checksumBytes)))
    try put(data)
  }

  private func put(_ data: [UInt8]) throws(StoreError) {
    if let failure { throw failure }
    bytes += data.count
    if buffer.count + data.count > CheckpointWriter.bufferBytes { try flush() }
    if data.count >= CheckpointWriter.bufferBytes {
      try write(data)
    } else {
      buffer.append(contentsOf: data)
    }
  }

  private func flush() throws(StoreError) {
    if let failure { throw failure }
    try write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private func write(_ data: [UInt8]) throws(StoreError) {
    do throws(StoreError) {
      let result = data.withUnsafeBytes { pointer -> Result<Void, StoreError> in
        Result { () throws(StoreError) in try file.write(pointer, path: path) }
      }
      try result.get()
    } catch {
      failure = error
      throw error
    }
  }

  private func check(
    _ result: Int32, _ operation: String, _ path: String
  ) throws(StoreError) {
    guard result == 0 else { throw .system(operation: operation, path: path, errno: errno) }
  }
}
