import Glibc

/// A call of the operating system about an outbox that failed.
public struct OutboxError: Error, Equatable, CustomStringConvertible {
  /// What was to be done, as it follows "cannot be", such as `written`.
  public var operation: String
  /// The file or folder.
  public var path: String
  /// The error's number.
  public var number: Int32

  init(_ operation: String, _ path: String, _ number: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.number = number
  }

  /// One sentence for a person.
  public var description: String {
    "\(path) cannot be \(operation): \(String(cString: strerror(number)))"
  }
}
