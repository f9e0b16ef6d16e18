import Glibc

/// A system call on an outbox that failed.
public struct OutboxError: Error, Equatable, CustomStringConvertible {
  /// The operation, as it follows "cannot be", such as `written`.
  public var operation: String
  /// The file or directory.
  public var path: String
  /// The error number.
  public var number: Int32

  init(_ operation: String, _ path: String, _ number: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.number = number
  }

  /// One sentence for the user.
  public var description: String {
    "\(path) cannot be \(operation): \(String(cString: strerror(number)))"
  }
}
