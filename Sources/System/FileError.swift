public import Glibc

/// A failed system call on a file.
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

  /// Such as `/var/lib/anomalyd/lock: open failed: Permission denied`, with the owner if that is
  /// the reason.
  public var description: String {
    "\(path): \(operation) failed: \(errno)\(FileAccess.explanation(of: path, errno))"
  }
}

/// Makes a call, and adds its context to its error.
/// - Parameters:
///   - operation: the name of the system call.
///   - path: the file it acts on.
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

/// An error number of the operating system, errno(3). Its description is the C library's text.
public struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number, such as `ENOENT`.
  public let code: Int32

  /// The error with this number.
  @inlinable
  public init(_ code: Int32) {
    self.code = code
  }

  /// The error of this thread's latest failed call.
  @inlinable
  public static var last: Errno { Errno(errno) }

  /// Such as `No such file or directory`.
  public var description: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

  /// Lets a `switch` or `catch` name errors by their constants: `case ENOENT:`.
  @inlinable
  public static func ~= (code: Int32, error: Errno) -> Bool { error.code == code }
}

/// Makes a system call, repeated if interrupted by signals.
///
/// Not for close(2): Linux has released the descriptor even if that reports EINTR.
/// - Parameter call: returns a negative number and sets errno if it fails.
@inlinable @discardableResult
package func uninterrupted<Outcome: FixedWidthInteger & SignedInteger>(
  _ call: () -> Outcome
) throws(Errno) -> Outcome {
  let outcome = retried(call)
  if outcome < 0 { throw Errno.last }
  return outcome
}

/// As ``uninterrupted(_:)``, for hot paths on which failure is ordinary, such as EAGAIN.
/// - Returns: the result of `call`; if negative, errno gives the reason.
@inlinable
package func retried<Outcome: FixedWidthInteger & SignedInteger>(_ call: () -> Outcome) -> Outcome {
  while true {
    let outcome = call()
    if outcome >= 0 || Errno.last.code != EINTR { return outcome }
  }
}
