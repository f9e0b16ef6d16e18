import Glibc
import System

/// Files read and written as a whole, by path.
enum LocalFile {
  /// The largest file read in one go; no label or profile comes near it.
  private static let maximumBytes = 1 << 26

  /// The size of a file in bytes; 0 if there is none.
  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether something exists at `path`.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether `path` is a directory.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a directory, unordered, without those that begin with a dot.
  static func names(in folder: String) throws(CommandFailure) -> [String] {
    do throws(FileError) {
      return try Directory(folder, followsLink: true).names()
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  /// What a file holds.
  static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try Descriptor(opening: path, O_RDONLY).readAll(atMost: maximumBytes + 1)
    } catch {
      throw failure(path, "cannot be read", error)
    }
    guard bytes.count <= maximumBytes else {
      throw CommandFailure("\(path): expected at most \(maximumBytes) bytes, found more")
    }
    return bytes
  }

  /// Makes `bytes` the content of a file.
  static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(CommandFailure) {
    var file = try FileWriter(path: path)
    try file.append(bytes)
    try file.finish()
  }

  /// Atomically replaces the content of a file: an interrupted attempt leaves the old one.
  static func replace(_ path: String, with bytes: [UInt8]) throws(CommandFailure) {
    do throws(FileError) {
      try replaceFile(path, with: bytes.span.bytes, mode: 0o666)
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  /// Fails immediately if a long computation could not write its result at the end.
  static func requireWritable(_ path: String) throws(CommandFailure) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    let parent = parts.count == 1 ? "." : folder.isEmpty ? "/" : folder
    guard !isFolder(path) else { throw failure(path, "cannot be written", Errno(EISDIR)) }
    if access(parent, W_OK) != 0 { throw failure(path, "cannot be written", .last) }
  }

  /// Creates a directory and its missing parents.
  static func makeFolder(_ path: String) throws(CommandFailure) {
    if isFolder(path) { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeFolder(String(path[..<slash]))
    }
    if mkdir(path, 0o777) != 0, errno != EEXIST || !isFolder(path) {
      throw failure(path, "the directory cannot be created", .last)
    }
  }

  fileprivate static func failure(
    _ path: String, _ what: String, _ error: Errno
  ) -> CommandFailure {
    CommandFailure("\(path): \(what): \(error)")
  }
}

/// A file that is written from beginning to end, in large pieces.
struct FileWriter: ~Copyable {
  private let path: String
  private let file: Descriptor
  private var pending: [UInt8] = []
  private static let piece = 1 << 16

  /// Creates the file, or empties it.
  init(path: String) throws(CommandFailure) {
    do throws(Errno) {
      file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o666)
    } catch {
      throw LocalFile.failure(path, "cannot be written", error)
    }
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
    let path = path
    do throws(Errno) {
      // A network file system reports only here that it is full.
      try file.close()
    } catch {
      throw LocalFile.failure(path, "cannot be written", error)
    }
  }

  private mutating func flush() throws(CommandFailure) {
    do throws(Errno) {
      try file.writeAll(pending.span.bytes)
    } catch {
      throw LocalFile.failure(path, "cannot be written", error)
    }
    pending.removeAll(keepingCapacity: true)
  }
}
