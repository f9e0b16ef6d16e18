import Glibc

/// A file open for appending, closed when this goes away.
struct AppendFile: ~Copyable {
  private let descriptor: Int32
  private let isReadable: Bool
  /// Bytes in the file; 0 where it is no regular file.
  private(set) var size = 0

  /// Opens the file at `path`; makes it, readable for its group, where there is none.
  ///
  /// Never waits: a pipe without a reader is an error.
  init(path: String) throws(AppendFileError) {
    let flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    // Reading is wanted only to see the last line; a write-only file does without.
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

  /// What follows the last line break; empty where the file ends with one or cannot be read.
  /// - Parameter limit: the most bytes that are looked at.
  /// - Returns: nil where the last line is longer than that.
  func unfinishedLine(limit: Int) -> [UInt8]? {
    guard isReadable, size > 0 else { return [] }
    let count = min(size, limit)
    var tail = [UInt8](repeating: 0, count: count)
    guard pread(descriptor, &tail, count, off_t(size - count)) == count else { return [] }
    if let end = tail.lastIndex(of: 0x0A) { return Array(tail[(end + 1)...]) }
    return count == size ? tail : nil
  }

  /// Takes bytes off the end.
  /// - Returns: whether they are gone.
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

  /// Writes as much of `bytes` as there is room for.
  /// - Returns: how many bytes went in, 1...bytes.count.
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

  /// Waits until what was written is on the disk.
  func sync() throws(AppendFileError) {
    // A pipe has nothing to wait for.
    guard fdatasync(descriptor) != 0, errno != EINVAL, errno != EROFS else { return }
    throw AppendFileError(operation: .sync, number: errno)
  }

  deinit { close(descriptor) }
}

/// Why a file could not be opened, written or put away.
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
