import Glibc

/// The file of a checkpoint being written, beside the newest one.
///
/// Ended by ``commit()`` or ``abandon()``.
final class CheckpointFile: Sendable {
  private let directory: Int32
  private let directoryPath: String
  private let path: String
  private let file: FileDescriptor

  /// Creates `checkpoint.new` in a directory, which must stay open while this object is used.
  /// - Parameter path: the path of the directory.
  init(in directory: Int32, path directoryPath: String) throws(StoreError) {
    self.directory = directory
    self.directoryPath = directoryPath
    path = directoryPath + "/checkpoint.new"
    // Recreated instead of truncated: the name may be a link put there by someone else.
    unlinkat(directory, "checkpoint.new", 0)
    file = try FileDescriptor(
      "checkpoint.new", in: directory,
      flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path: path)
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws(StoreError) {
    let result = bytes.withUnsafeBytes { pointer -> Result<Void, StoreError> in
      Result { () throws(StoreError) in try file.write(pointer, path: path) }
    }
    try result.get()
  }

  /// Makes it the newest checkpoint, durably: after this returns, it survives a crash or a power
  /// failure. After an error it is gone, and the earlier ones are unchanged.
  func commit() throws(StoreError) {
    do throws(StoreError) {
      try check(fdatasync(file.raw), "fdatasync", path)
      try replace()
    } catch {
      abandon()
      throw error
    }
  }

  /// Discards it; the earlier checkpoints stay.
  func abandon() { unlinkat(directory, "checkpoint.new", 0) }

  /// The newest becomes the previous one, the new one the newest, and both are on disk.
  private func replace() throws(StoreError) {
    let newest = directoryPath + "/checkpoint"
    if faccessat(directory, "checkpoint", F_OK, AT_SYMLINK_NOFOLLOW) == 0 {
      unlinkat(directory, "checkpoint.old", 0)
      // A file system without hard links: for a moment only the previous one has a name, which the
      // reader handles.
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
