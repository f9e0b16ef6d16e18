import Glibc

/// An open file, closed when it goes out of scope.
struct FileDescriptor: ~Copyable {
  let raw: Int32

  /// Opens `name` in the directory `directory`.
  /// - Throws: ``StoreError/system(operation:path:errno:)`` with `path`.
  init(
    _ name: String,
    in directory: Int32 = AT_FDCWD,
    flags: Int32,
    path: String
  ) throws(StoreError) {
    var descriptor: Int32
    repeat {
      descriptor = openat(directory, name, flags | O_CLOEXEC | O_NOCTTY, 0o600)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else {
      throw .system(operation: "open", path: path, errno: errno)
    }
    raw = descriptor
  }

  deinit { close(raw) }

  /// Writes all of `bytes`, however many calls that takes.
  borrowing func write(_ bytes: UnsafeRawBufferPointer, path: String) throws(StoreError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(raw, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(operation: "write", path: path, errno: errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Writes all of `bytes` at `offset`, however many calls that takes.
  borrowing func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, path: String
  ) throws(StoreError) {
    var written = 0
    while written < bytes.count {
      let count = pwrite(
        raw, bytes.baseAddress?.advanced(by: written), bytes.count - written, offset + written)
      if count > 0 {
        written += count
      } else if count == 0 || errno != EINTR {
        throw .system(operation: "write", path: path, errno: count == 0 ? ENOSPC : errno)
      }
    }
  }

  /// Reads at `offset` until `buffer` is full or the file ends.
  /// - Returns: how many bytes were read.
  borrowing func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer, path: String
  ) throws(StoreError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let count = pread(
        raw, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, offset + filled)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(operation: "read", path: path, errno: errno)
      }
      filled += count
    }
    return filled
  }
}
