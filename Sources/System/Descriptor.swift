package import Glibc

/// A file descriptor with one owner, closed exactly once.
public struct Descriptor: ~Copyable, Sendable {
  /// The number by which the kernel knows it; for system calls, not to be closed or kept.
  public let number: Int32

  /// Takes over a descriptor that is open.
  public init(owning number: Int32) {
    precondition(number >= 0, "only an open descriptor can be owned")
    self.number = number
  }

  /// Opens a file: never as the controlling terminal, never inherited by other programs.
  /// - Parameters:
  ///   - directory: what a relative path starts from.
  ///   - mode: of a new file, less the process's umask.
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

  /// What the kernel knows of the file, fstat(2).
  package borrowing func facts() throws(Errno) -> stat {
    var facts = stat()
    let number = number
    try uninterrupted { fstat(number, &facts) }
    return facts
  }

  /// Waits until the file is on the disk, with all that the kernel knows of it.
  package borrowing func synchronize() throws(Errno) {
    let number = number
    try uninterrupted { fsync(number) }
  }

  /// Waits until the file's bytes are on the disk, and what is needed to read them.
  package borrowing func synchronizeData() throws(Errno) {
    let number = number
    try uninterrupted { fdatasync(number) }
  }

  /// Cuts the file off, or lengthens it with zeros.
  package borrowing func truncate(to bytes: Int) throws(Errno) {
    let number = number
    try uninterrupted { ftruncate(number, off_t(bytes)) }
  }
}
