import Glibc

/// An open regular file; closes its descriptor on deinit.
final class CSVFileHandle: CSVByteSource {
  /// Which file it is, regardless of its name.
  let identity: CSVFileIdentity
  let descriptor: Int32
  private let path: String

  /// Opens a file for reading. Never blocks: anything but a regular file is refused before it is
  /// opened, as opening a FIFO would already wake its writer.
  /// - Throws: ``CSVFileError/cannotOpen(path:errno:)`` or
  ///   ``CSVFileError/notRegular(path:found:)``.
  init(path: String) throws(CSVFileError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw .cannotOpen(path: path, errno: errno) }
    if let kind = CSVFileHandle.irregularKind(facts.st_mode) {
      throw .notRegular(path: path, found: kind)
    }
    var opened: Int32
    repeat {
      opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    } while opened < 0 && errno == EINTR
    guard opened >= 0 else { throw .cannotOpen(path: path, errno: errno) }
    // It may have been replaced between the two calls.
    guard fstat(opened, &facts) == 0 else {
      let code = errno
      close(opened)
      throw .cannotOpen(path: path, errno: code)
    }
    if let kind = CSVFileHandle.irregularKind(facts.st_mode) {
      close(opened)
      throw .notRegular(path: path, found: kind)
    }
    descriptor = opened
    self.path = path
    identity = CSVFileFacts(facts).identity
  }

  deinit { close(descriptor) }

  /// Its current status.
  func facts() throws(CSVFileError) -> CSVFileFacts {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw .cannotRead(path: path, errno: errno) }
    return CSVFileFacts(facts)
  }

  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int, after known: UnsafeRawBufferPointer
  ) throws(CSVFileError) -> Int? {
    // Both in one call, so that nothing can change in between.
    let count = withUnsafeTemporaryAllocation(byteCount: max(1, known.count), alignment: 1) {
      again -> Int? in
      var parts = [
        iovec(iov_base: again.baseAddress, iov_len: known.count),
        iovec(iov_base: target.baseAddress, iov_len: target.count),
      ]
      var count: Int
      repeat {
        count = preadv(descriptor, &parts, 2, off_t(offset - known.count))
      } while count < 0 && errno == EINTR
      guard count >= 0 else { return count }
      guard count >= known.count,
        known.isEmpty || memcmp(again.baseAddress!, known.baseAddress!, known.count) == 0
      else { return nil }
      return count - known.count
    }
    if let count, count < 0 { throw .cannotRead(path: path, errno: errno) }
    return count
  }

  /// The bytes of `range`, fewer at the end of the file.
  func bytes(in range: Range<Int>) throws(CSVFileError) -> [UInt8] {
    guard !range.isEmpty else { return [] }
    var failure: Int32 = 0
    let result = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      var got: Int
      repeat {
        got = pread(descriptor, buffer.baseAddress, range.count, off_t(range.lowerBound))
      } while got < 0 && errno == EINTR
      if got < 0 { failure = errno }
      count = max(0, got)
    }
    guard failure == 0 else { throw .cannotRead(path: path, errno: failure) }
    return result
  }

  private static func irregularKind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    case S_IFCHR: "a character device"
    case S_IFBLK: "a block device"
    default: "something else"
    }
  }
}
