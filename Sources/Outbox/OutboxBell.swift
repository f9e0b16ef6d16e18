import Glibc

/// How the daemon calls for the delivering program: a file that the program's path unit waits for,
/// and that the program takes away before it looks.
///
/// systemd watches a folder, but not what lies below a pattern, and an outbox that nobody can empty
/// must not start the program again and again; so the bell is a file of its own.
public struct OutboxBell: Sendable {
  /// The folder of the file, which the delivering program may write to. No output can have this
  /// name.
  public let folder: String
  /// The file.
  public var path: String { folder + "/wanted" }

  /// The bell of the outboxes below `root`.
  public init(root: String) {
    folder = root + "/+ring"
  }

  /// Calls, whether or not somebody did already.
  public func ring() throws(OutboxError) {
    try FolderHandle.make(folder, 0o770)
    let file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw OutboxError("written", path) }
    close(file)
  }

  /// Takes the call.
  /// - Returns: whether there was one.
  public func answer() -> Bool { unlink(path) == 0 }
}
