import Glibc

/// The file of a checkpoint that is being written, beside the newest one.
///
/// One of ``commit()`` and ``abandon()`` ends it.
final class CheckpointFile: Sendable {
  private let directory: Int32
  private let directoryPath: String
  private let path: String
  private let file: FileDescriptor

  /// Makes `checkpoint.new` in a directory, which stays open for as long as this object is used.
  /// - Parameter path: of the directory.
  init(in directory: Int32, path directoryPath: String) throws(StoreError) {
    self.directory = directory
    self.directoryPath = directoryPath
    path = directoryPath + "/checkpoint.new"
    // Not truncated but made anew: the name may be a link that someone else put there.
    unlinkat(directory, "checkpoint.new", 0)
    file = try FileDescriptor(
      "checkpoint.new", in: directory,
      flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path: path)
  }

  /// Writes bytes behind those before.
  func write(_ bytes: [UInt8]) throws(StoreError) {
    let result = bytes.withUnsafeBytes { pointer -> Result<Void, StoreError> in
      Result { () throws(StoreError) in try file.write(pointer, path: path) }
    }
    try result.get()
  }

  /// Makes it the newest checkpoint, for good: after this returns, neither a crash nor a power
  /// failure takes it away. After an error it is gone, and those before are as they were.
  func commit() throws(StoreError) {
    do throws(StoreError) {
      try check(fdatasync(file.raw), "fdatasync", path)
      try replace()
    } catch {
      abandon()
      throw error
    }
  }

  /// Gives it up; the checkpoints before stay as they are.
  func abandon() { unlinkat(directory, "checkpoint.new", 0) }

  /// The newest becomes the one before, the new one the newest, and both are on the disk.
  private func replace() throws(StoreError) {
    let newest = directoryPath + "/checkpoint"
    if faccessat(directory, "checkpoint", F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
      unlinkat(directory, "checkpoint.old", 0)
      // A file system without hard links: for a moment only the one before has a name, and the
      // reader copes.
      if linkat(directory, "checkpoint", directory, "checkpoint.old", 0) != 0 {
        try check(renameat(directory, "checkpoint", directory, "checkpoint.old"), "rename", newest)
      }
    }
    try check(renameat(directory, "checkpoint.new", directory, "checkpoint"), "rename", newest)
    try check(fsync(directory), "fsync", directoryPath)
  }

  private func check(
    _ result: Int32, _ operation: String, _ path: String
  ) throws(StoreError) {
    guard result == 0 else { throw .system(operation: operation, path: path, errno: errno) }
  }
}
