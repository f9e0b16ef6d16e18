import Glibc

/// A file open for appending, closed on deinit.
struct AppendFile: ~Copyable {
  private let descriptor: Int32
  private let isReadable: Bool
  /// Bytes in the file; 0 if it is not a regular file.
  private(set) var size = 0

  /// Opens the file at `path`; creates it, readable for its group, if it does not exist.
  ///
  /// Never blocks: a pipe without a reader is an error.
  init(path: String) throws(AppendFileError) {
    let flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    // Reading is needed only to see the last line; a write-only file works without.
    var descriptor = open(path, O_RDWR | flags, 0o640)
    isReadable = descriptor >= 0
    if descriptor < 0, errno == EACCES { descriptor = open(path, O_WRONLY | flags, 0o640) }
    guard descriptor >= 0 else { throw AppendFileError(operation: .open, number: errno) }
    self.descriptor = descriptor
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      size = Int(status.st_size)
    }
  }

  /// The bytes after the last line break; empty if the file ends with one or cannot be read.
  /// - Parameter limit: the maximum number of bytes examined.
  /// - Returns: nil if the last line is longer than that.
  func unfinishedLine(limit: Int) -> [UInt8]? {
    guard isReadable, size > 0 else { return [] }
    let count = min(size, limit)
    var tail = [UInt8](repeating: 0, count: count)
    guard pread(descriptor, &tail, count, off_t(size - count)) == count else { return [] }
    if let end = tail.lastIndex(of: 0x0A) { return Array(tail[(end + 1)...]) }
    return count == size ? tail : nil
  }

  /// Removes bytes from the end.
  /// - Returns: whether it succeeded.
  mutating func cut(_ count: Int) -> Bool {
    guard count <= size, ftruncate(descriptor, off_t(size - count)) == 0 else { return false }
    size -= count
    return true
  }

  /// Whether this is still the file that `path` names: not renamed, removed or replaced.
  func isNamed(_ path: String) -> Bool {
    var own = stat()
    var named = stat()
    return fstat(descriptor, &own) == 0 && stat(path, &named) == 0
      && own.st_dev == named.st_dev && own.st_ino == named.st_ino
  }

  /// Writes as much of `bytes` as possible.
  /// - Returns: the number of bytes written, 1...bytes.count.
  mutating func append(_ bytes: ArraySlice<UInt8>) throws(AppendFileError) -> Int {
    while true {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        size += count
        return count
      }
      if count == 0 || errno != EINTR {
        throw AppendFileError(operation: .write, number: count == 0 ? ENOSPC : errno)
      }
    }
  }

  /// Waits until what was written is on disk.
  func sync() throws(AppendFileError) {
    // A pipe needs no sync.
    guard fdatasync(descriptor) != 0, errno != EINVAL, errno != EROFS else { return }
    throw AppendFileError(operation: .sync, number: errno)
  }

  deinit { close(descriptor) }
}

/// Why a file could not be opened, written or rotated.
struct AppendFileError: Error, Equatable {
  enum Operation: String {
    case open = "opened"
    case write = "written"
    case sync = "written to the disk"
    case rotate = "rotated"
  }

  var operation: Operation
  var number: Int32
}
