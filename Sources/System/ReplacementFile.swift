package import Glibc

/// A file that is written under a temporary name and then atomically replaces another one, so that
/// neither a reader nor a crash ever sees half of it. Unless it is moved into place, it is removed
/// when it goes out of scope, and the original stays.
package struct ReplacementFile: ~Copyable, Sendable {
  private let directory: Int32
  private let name: String
  private let path: String
  private let file: Descriptor
  private var isInPlace = false

  /// Creates a file in a directory, which must outlive this value.
  /// - Parameters:
  ///   - name: the temporary name; remains of an interrupted attempt are removed.
  ///   - mode: before the umask, see ``setMode(_:)``.
  package init(
    _ name: String, in directory: borrowing Directory, mode: mode_t = 0o600
  ) throws(FileError) {
    try self.init(
      name, in: directory.descriptor.number, path: directory.path(of: name), mode: mode)
  }

  fileprivate init(
    _ name: String, in directory: Int32, path: String, mode: mode_t
  ) throws(FileError) {
    self.directory = directory
    self.name = name
    self.path = path
    // Created again instead of truncated: the name may be a link created by another user.
    unlinkat(directory, name, 0)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    file = try attempt(
      "open", path, try Descriptor(opening: name, in: directory, flags, mode: mode))
  }

  deinit {
    if !isInPlace { unlinkat(directory, name, 0) }
  }

  /// Sets exactly this mode, whatever the umask: for files that another user's program reads.
  package borrowing func setMode(_ mode: mode_t) throws(FileError) {
    let number = file.number
    try attempt("chmod", path, try uninterrupted { fchmod(number, mode) })
  }

  /// Appends bytes.
  package borrowing func write(_ bytes: RawSpan) throws(FileError) {
    try attempt("write", path, try file.writeAll(bytes))
  }

  /// Waits until the written data is on disk.
  package borrowing func synchronize() throws(FileError) {
    try attempt("fsync", path, try file.synchronize())
  }

  /// Replaces the file `newName` of a directory on the same file system. To survive a power failure
  /// as well, synchronize the file before and the directory afterwards.
  package consuming func move(
    to newName: String, in newDirectory: borrowing Directory
  ) throws(FileError) {
    try move(to: newName, in: newDirectory.descriptor.number)
  }

  fileprivate consuming func move(to newName: String, in newDirectory: Int32) throws(FileError) {
    let (directory, name) = (directory, name)
    try attempt(
      "rename", path, try uninterrupted { renameat(directory, name, newDirectory, newName) })
    isInPlace = true
  }
}

extension Directory {
  /// Atomically replaces the content of a file; when this returns, the change survives a crash and
  /// a power failure.
  /// - Throws: ``FileError``; the old content is kept then.
  package borrowing func replaceFile(_ name: String, with bytes: RawSpan) throws(FileError) {
    let file = try ReplacementFile(name + ".new", in: self)
    try file.write(bytes)
    try file.synchronize()
    try file.move(to: name, in: self)
    try synchronize()
  }

  /// The same for a file that another user's program reads and that need not survive a power
  /// failure: without waiting for the disk.
  /// - Parameter mode: the exact mode, whatever the umask.
  package borrowing func replaceFile(
    _ name: String, with bytes: RawSpan, sharedAs mode: mode_t
  ) throws(FileError) {
    let file = try ReplacementFile(name + ".new", in: self, mode: mode)
    try file.setMode(mode)
    try file.write(bytes)
    try file.move(to: name, in: self)
  }
}

/// Atomically replaces the content of the file at `path`, without waiting for the disk.
/// - Parameter mode: of the new file, before the umask.
package func replaceFile(_ path: String, with bytes: RawSpan, mode: mode_t) throws(FileError) {
  let temporary = path + ".new"
  let file = try ReplacementFile(temporary, in: AT_FDCWD, path: temporary, mode: mode)
  try file.write(bytes)
  try file.move(to: path, in: AT_FDCWD)
}
