import CSystemd
import Glibc

/// Files that are read as a whole.
package enum RegularFile {
  /// The content of a regular file.
  /// - Throws: `EISDIR` for a directory, `EINVAL` for anything else that is not a regular file,
  ///   `EFBIG` if it has more than `maximum` bytes.
  package static func read(_ path: String, atMost maximum: Int) throws(Errno) -> [UInt8] {
    // Non-blocking, so that a pipe put there does not block until it has a writer.
    let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
    let facts = try file.facts()
    guard facts.st_mode & S_IFMT != S_IFDIR else { throw Errno(EISDIR) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw Errno(EINVAL) }
    guard facts.st_size <= maximum else { throw Errno(EFBIG) }
    return try file.readAll(at: 0, count: Int(facts.st_size))
  }
}
