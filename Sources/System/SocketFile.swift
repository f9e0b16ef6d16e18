import CSystemd
import Glibc

/// The file of a Unix socket that this process has bound.
///
/// It is held open, so that changing its mode or group can never affect a file that another user
/// has put in its place meanwhile, if the directory belongs to that user.
package struct SocketFile: ~Copyable {
  /// Distinguishes it from a later file with the same path.
  package let identity: FileIdentity
  private let handle: Descriptor

  /// The socket that was just bound to `path`.
  /// - Throws: ``UnixBindError/notASocket`` if the path has been replaced meanwhile.
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

  /// A path to this file, whatever is at its original path now.
  private var path: String { "/proc/self/fd/\(handle.number)" }

  /// Sets exactly this mode.
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
