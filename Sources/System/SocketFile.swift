import CSystemd
import Glibc

/// The file of a Unix socket that this process has bound.
///
/// It is held open, so that a mode or a group given to it can never reach a file that another user has put
/// in its place in the meantime, where the directory belongs to that user.
package struct SocketFile: ~Copyable {
  /// Tells it from a file that has the same path later.
  package let identity: FileIdentity
  private let handle: Descriptor

  /// The socket that was just bound to `path`.
  /// - Throws: ``UnixBindError/notASocket`` if something else has the path by now.
  package init(boundAt path: String) throws(UnixBindError) {
    let opened = try SocketFile.attempt(try Descriptor(opening: path, open_handle | O_NOFOLLOW))
    let facts = try SocketFile.attempt(try opened.facts())
    // A second name would mean that it is an older socket, linked here.
    guard facts.st_mode & S_IFMT == S_IFSOCK, facts.st_uid == geteuid(), facts.st_nlink == 1 else {
      throw .notASocket
    }
    identity = FileIdentity(facts)
    handle = opened
  }

  private static func attempt<Outcome: ~Copyable>(
    _ call: @autoclosure () throws(Errno) -> Outcome
  ) throws(UnixBindError) -> Outcome {
    do throws(Errno) {
      return try call()
    } catch {
      throw .system(call: "open", error)
    }
  }

  /// A path that leads to this file, whatever its name leads to now.
  private var path: String { "/proc/self/fd/\(handle.number)" }

  /// Gives it exactly this mode.
  package borrowing func setMode(_ mode: UInt32) throws(Errno) {
    let path = path
    try uninterrupted { chmod(path, mode) }
  }

  /// Gives it to a group.
  package borrowing func setGroup(_ group: UInt32) throws(Errno) {
    let path = path
    try uninterrupted { chown(path, uid_t.max, group) }
  }

  /// Sets an extended attribute, xattr(7).
  package borrowing func setAttribute(_ name: String, _ value: [UInt8]) throws(Errno) {
    let path = path
    try uninterrupted { setxattr(path, name, value, value.count, 0) }
  }
}
