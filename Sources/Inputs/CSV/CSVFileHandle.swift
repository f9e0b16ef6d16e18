import Glibc

/// An open regular file; closes its descriptor when it goes.
final class CSVFileHandle {
  /// Which file it is, whatever it is called.
  let identity: CSVFileIdentity
  private let descriptor: Int32
  private let path: String

  /// Opens a file for reading. Never blocks: what is no regular file is refused before it is
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
    identity = CSVFileIdentity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
  }

  deinit { close(descriptor) }

  /// Its size in bytes and its number of names now.
  func size() throws(CSVFileError) -> (bytes: Int, links: Int) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw .cannotRead(path: path, errno: errno) }
    return (Int(facts.st_size), Int(facts.st_nlink))
  }

  /// Reads from `offset` on; fewer bytes than asked for only at the end, 0 there.
  func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(CSVFileError) -> Int
  {
    while true {
      let count = pread(descriptor, target.baseAddress, target.count, off_t(offset))
      if count >= 0 { return count }
      guard errno == EINTR else { throw .cannotRead(path: path, errno: errno) }
    }
  }

  /// A hash of the first `length` bytes (at most ``CSVLimits/fingerprintBytes``), nil if there
  /// are not as many.
  func fingerprint(length: Int) throws(CSVFileError) -> UInt64? {
    guard length > 0 else { return CSVFingerprint.empty }
    var head = [UInt8](repeating: 0, count: min(length, CSVLimits.fingerprintBytes))
    var error: CSVFileError?
    let count = head.withUnsafeMutableBytes { target in
      do throws(CSVFileError) {
        return try read(into: target, at: 0)
      } catch let caught {
        error = caught
        return 0
      }
    }
    if let error { throw error }
    return count == head.count ? CSVFingerprint.hash(head) : nil
  }

  /// The byte at `offset`, nil beyond the end.
  func byte(at offset: Int) throws(CSVFileError) -> UInt8? {
    var byte: UInt8 = 0
    let count = withUnsafeMutableBytes(of: &byte) { pread(descriptor, $0.baseAddress, 1, offset) }
    guard count >= 0 else { throw .cannotRead(path: path, errno: errno) }
    return count == 1 ? byte : nil
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
