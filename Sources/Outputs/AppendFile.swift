import Glibc
import System

/// A file that lines are appended to.
struct AppendFile: ~Copyable {
  private let file: Descriptor
  private let isReadable: Bool
  /// Bytes in the file; 0 if it is not a regular file.
  private(set) var size = 0

  /// Opens the file at `path`; creates it, readable by its group, if there is none.
  ///
  /// Never blocks: a pipe without a reader is an error. If the directory is writable by other
  /// users, their symbolic and hard links cannot redirect writes to files that only this process
  /// may write.
  init(path: String) throws(AppendFileError) {
    let flags = O_APPEND | O_CREAT | O_NONBLOCK
    let opened: Descriptor
    let isReadable: Bool
    do throws(Errno) {
      // Reading serves only to check the last line, so a write-only file works too.
      do throws(Errno) {
        opened = try TrustedLink.open(path, O_RDWR | flags, mode: 0o640)
        isReadable = true
      } catch EACCES {
        opened = try TrustedLink.open(path, O_WRONLY | flags, mode: 0o640)
        isReadable = false
      }
    } catch {
      throw AppendFileError(operation: error.code == ELOOP ? .follow : .open, errno: error)
    }
    if let facts = try? opened.facts(), facts.st_mode & S_IFMT == S_IFREG {
      guard facts.st_nlink <= 1 else {
        throw AppendFileError(operation: .share, errno: Errno(EMLINK))
      }
      size = Int(facts.st_size)
    }
    file = opened
    self.isReadable = isReadable
  }

  /// The bytes after the last line break; empty if the file ends with one or cannot be read.
  /// - Parameter limit: maximum number of bytes to read.
  /// - Returns: nil if the last line is longer than that.
  func unfinishedLine(limit: Int) -> [UInt8]? {
    guard isReadable, size > 0 else { return [] }
    let count = min(size, limit)
    guard let tail = try? file.readAll(at: size - count, count: count), tail.count == count else {
      return []
    }
    if let end = tail.lastIndex(of: 0x0A) { return Array(tail[(end + 1)...]) }
    return count == size ? tail : nil
  }

  /// Removes bytes from the end.
  /// - Returns: whether that succeeded.
  mutating func cut(_ count: Int) -> Bool {
    guard count <= size, (try? file.truncate(to: size - count)) != nil else { return false }
    size -= count
    return true
  }

  /// Whether this is still the file that `path` names: not renamed, removed or replaced.
  func isNamed(_ path: String) -> Bool {
    var named = stat()
    guard let own = try? file.facts(), stat(path, &named) == 0 else { return false }
    return FileIdentity(own) == FileIdentity(named)
  }

  /// Writes as many of `bytes` as there is space for.
  /// - Returns: how many bytes were written, 1...bytes.count.
  mutating func append(_ bytes: ArraySlice<UInt8>) throws(AppendFileError) -> Int {
    let count: Int
    do throws(Errno) {
      count = try file.write(bytes.span.bytes)
    } catch {
      throw AppendFileError(operation: .write, errno: error)
    }
    size += count
    return count
  }

  /// Waits until the written data is on disk.
  func sync() throws(AppendFileError) {
    do throws(Errno) {
      try file.synchronizeData()
    } catch {
      // A pipe needs no sync.
      if error.code == EINVAL || error.code == EROFS { return }
      throw AppendFileError(operation: .sync, errno: error)
    }
  }
}

/// Why a file could not be opened, written or rotated.
struct AppendFileError: Error, Equatable {
  enum Operation: String {
    case open = "opened"
    case follow = "followed, as it is a symbolic link that belongs to another user"
    case share = "used, as the file has other names (hard links)"
    case write = "written"
    case sync = "written to the disk"
    case rotate = "rotated"
  }

  var operation: Operation
  var errno: Errno
}

/// The bytes after the last line break of a file: a line torn by a crash, or a whole line without
/// its break.
enum TornLine {
  /// Whether the bytes are the beginning of an incomplete JSON object.
  static func isTorn(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == UInt8(ascii: "{") else { return false }
    var depth = 0
    var isText = false
    var isEscaped = false
    for byte in bytes {
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case UInt8(ascii: "\\"): isEscaped = isText
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText: depth -= 1
      default: break
      }
    }
    return depth > 0
  }
}
