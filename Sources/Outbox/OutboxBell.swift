import Glibc

/// How the daemon wakes the delivery program: a file that the program's path unit watches and that
/// the program removes before it scans.
///
/// systemd watches a directory, but not below a pattern, and an outbox that cannot be emptied must
/// not start the program again and again; so the bell is a separate file.
public struct OutboxBell: Sendable {
  /// The directory of the file, writable by the delivery program. No output can have this name.
  public let folder: String
  /// The file.
  public var path: String { folder + "/wanted" }

  /// The bell of the outboxes below `root`.
  public init(root: String) {
    folder = root + "/+ring"
  }

  /// Rings, even if it has been rung already.
  public func ring() throws(OutboxError) {
    try FolderHandle.make(folder, 0o770)
    let file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw OutboxError("written", path) }
    close(file)
  }

  /// Acknowledges the bell.
  /// - Returns: whether it had been rung.
  public func answer() -> Bool { unlink(path) == 0 }
}
