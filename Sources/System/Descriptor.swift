package import Glibc

/// A file descriptor with one owner, closed exactly once.
public struct Descriptor: ~Copyable, Sendable {
  /// The kernel's number; for system calls, not to be closed or kept.
  public let number: Int32

  /// Takes ownership of an open descriptor.
  public init(owning number: Int32) {
    precondition(number >= 0, "only an open descriptor can be owned")
    self.number = number
  }

  /// Opens a file: never as the controlling terminal, never inherited by other programs.
  /// - Parameters:
  ///   - directory: the base of a relative path.
  ///   - mode: of a new file, before the umask.
  package init(
    opening path: UnsafePointer<CChar>,
    in directory: Int32 = AT_FDCWD,
    _ flags: Int32,
    mode: mode_t = 0o600
  ) throws(Errno) {
    number = try uninterrupted { openat(directory, path, flags | O_CLOEXEC | O_NOCTTY, mode) }
  }

  /// Closes it now, for callers that need to know whether data was lost (close(2)).
  package consuming func close() throws(Errno) {
    let number = number
    discard self
    guard Glibc.close(number) == 0 || errno == EINTR else { throw Errno.last }
  }

  deinit { _ = Glibc.close(number) }

  /// The file's metadata, fstat(2).
  package borrowing func facts() throws(Errno) -> stat {
    var facts = stat()
    let number = number
    try uninterrupted { fstat(number, &facts) }
    return facts
  }

  /// Waits until the file and its metadata are on disk.
  package borrowing func synchronize() throws(Errno) {
    let number = number
    try uninterrupted { fsync(number) }
  }

  /// Waits until the file's data is on disk, with the metadata needed to read it.
  package borrowing func synchronizeData() throws(Errno) {
    let number = number
    try uninterrupted { fdatasync(number) }
  }

  /// Truncates the file, or extends it with zeros.
  package borrowing func truncate(to bytes: Int) throws(Errno) {
    let number = number
    try uninterrupted { ftruncate(number, off_t(bytes)) }
  }
}
