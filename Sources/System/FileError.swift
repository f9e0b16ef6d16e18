import Glibc

/// A system call on a file that failed.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The call, such as `open`.
  public var operation: String
  /// The file or directory.
  public var path: String
  /// Why.
  public var errno: Errno

  /// The failure of `operation` on the file at `path`.
  public init(operation: String, path: String, errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }

  /// Whether there was no file to open.
  package var isMissingFile: Bool { operation == "open" && errno.code == ENOENT }

  /// Such as `/var/lib/anomalyd/lock: open failed: Permission denied`, with whose it is where that is
  /// the reason.
  public var description: String {
    "\(path): \(operation) failed: \(errno)\(FileAccess.explanation(of: path, errno))"
  }
}

/// Makes a call, and adds to its error what it was for.
/// - Parameters:
///   - operation: the name of the system call.
///   - path: what it acts on.
@discardableResult
package func attempt<Outcome: ~Copyable>(
  _ operation: String,
  _ path: String,
  _ call: @autoclosure () throws(Errno) -> Outcome
) throws(FileError) -> Outcome {
  do throws(Errno) {
    return try call()
  } catch {
    throw FileError(operation: operation, path: path, errno: error)
  }
}
