import Glibc

/// Whole files by their path, with errors in the system's words.
enum LocalFile {
  /// The largest file that is read at once; no label or profile comes near it.
  private static let maximumBytes = 1 << 26

  /// How many bytes a file has; 0 where there is none.
  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether there is something at `path`.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether `path` is a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a file holds.
  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "cannot be read") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes.append(contentsOf: chunk[..<count])
        guard bytes.count <= maximumBytes else {
          throw CommandFailure("\(path): expected at most \(maximumBytes) bytes, found more")
        }
      } else if errno != EINTR {
        throw failure(path, "cannot be read")
      }
    }
  }

  /// Makes `bytes` the content of a file.
  static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(CommandFailure) {
    var file = try FileWriter(path: path)
    try file.append(bytes)
    try file.finish()
  }

  /// Makes a folder and those above it, where they do not exist yet.
  static func makeFolder(_ path: String) throws(CommandFailure) {
    if isFolder(path) { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    if mkdir(path, 0o777) != 0, errno != EEXIST || !isFolder(path) {
      throw failure(path, "the folder cannot be made")
    }
  }

  fileprivate static func failure(_ path: String, _ what: String) -> CommandFailure {
    CommandFailure("\(path): \(what): \(Console.words(for: errno))")
  }
}

/// A file that is written from beginning to end, in large pieces.
struct FileWriter: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private static let piece = 1 << 16

  /// Creates the file, or empties it.
  init(path: String) throws(CommandFailure) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw LocalFile.failure(path, "cannot be written") }
    self.path = path
    pending.reserveCapacity(FileWriter.piece + 1024)
  }

  /// Adds bytes at the end.
  mutating func append(_ bytes: some Sequence<UInt8>) throws(CommandFailure) {
    pending.append(contentsOf: bytes)
    if pending.count >= FileWriter.piece { try flush() }
  }

  /// Writes what is pending and closes the file.
  consuming func finish() throws(CommandFailure) {
    try flush()
  }

  deinit {
    close(descriptor)
  }

  private mutating func flush() throws(CommandFailure) {
    var start = 0
    while start < pending.count {
      let count = pending.withUnsafeBytes { bytes in
        Glibc.write(
          descriptor,
          bytes.baseAddress.map { $0 + start },
          bytes.count - start
        )
      }
      if count >= 0 {
        start += count
      } else if errno != EINTR {
        throw LocalFile.failure(path, "cannot be written")
      }
    }
    pending.removeAll(keepingCapacity: true)
  }
}
