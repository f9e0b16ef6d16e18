import Glibc

/// A file open for appending, closed when this goes away.
struct AppendFile: ~Copyable {
  private let descriptor: Int32
  /// Whether the file ends in the middle of a line that somebody else began.
  let endsInsideLine: Bool

  /// Opens the file at `path`; makes it, readable for its group, where there is none.
  ///
  /// Never waits: a pipe without a reader is an error.
  init(path: String) throws(AppendFileError) {
    let flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    // Reading is wanted only to see the last byte; a write-only file does without.
    var descriptor = open(path, O_RDWR | flags, 0o640)
    let readable = descriptor >= 0
    if descriptor < 0, errno == EACCES { descriptor = open(path, O_WRONLY | flags, 0o640) }
    guard descriptor >= 0 else { throw AppendFileError(operation: .open, number: errno) }
    self.descriptor = descriptor
    var status = stat()
    var last: UInt8 = 10
    if readable, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0
    {
      _ = pread(descriptor, &last, 1, status.st_size - 1)
    }
    endsInsideLine = last != 10
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
  func append(_ bytes: ArraySlice<UInt8>) throws(AppendFileError) -> Int {
    while true {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { return count }
      if count == 0 || errno != EINTR {
        throw AppendFileError(operation: .write, number: count == 0 ? ENOSPC : errno)
      }
    }
  }

  deinit { close(descriptor) }
}

/// Why a file could not be opened or written.
struct AppendFileError: Error, Equatable {
  enum Operation: String { case open = "opened", write = "written" }
  var operation: Operation
  var number: Int32
}
