import Glibc
public import System

/// How the daemon starts the delivery program: a file that the program's path unit watches for, and
/// that the program removes before it scans the outboxes.
///
/// It is a file of its own because systemd cannot watch directories by a pattern, and because an
/// outbox that cannot be emptied must not start the program over and over.
public struct OutboxBell: Sendable {
  /// The directory of the file, writable by the delivery program. No output can have this name.
  public let folder: String
  /// The file.
  public var path: String { folder + "/wanted" }

  /// The bell of the outboxes below `root`.
  public init(root: String) {
    folder = root + "/+ring"
  }

  /// Rings, whether or not the bell has been rung already.
  public func ring() throws(FileError) {
    try Directory.create(folder, mode: 0o770)
    let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK
    _ = try attempt("open", path, try Descriptor(opening: path, flags, mode: 0o640))
  }

  /// Removes the file.
  /// - Returns: whether the bell had been rung.
  public func answer() -> Bool { unlink(path) == 0 }
}
