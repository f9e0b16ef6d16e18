public import System

/// Why a call failed.
public enum ControlClientError: Error, Equatable, CustomStringConvertible {
  /// There is no listener at the path.
  case notRunning(path: String)
  /// The socket exists, but only members of the group may use it.
  case permissionDenied(path: String, group: String?)
  /// The daemon at the path runs as a user whose replies are not trusted there.
  case stranger(path: String, user: UInt32)
  /// There was no reply in time.
  case timedOut(path: String, seconds: Double)
  /// The daemon closed the connection before it replied.
  case closed(path: String)
  /// The reply is not a Varlink reply, or not of the form that this version expects.
  case malformedReply(reason: String)
  /// The daemon replied with an error.
  case refused(ControlError)
  /// A system call failed.
  case system(operation: String, path: String, errno: Errno)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .notRunning(let path): "no daemon answers at \(path)"
    case .permissionDenied(let path, let group):
      "permission to use \(path) is denied"
        + (group.flatMap { $0 == "root" ? nil : "; members of the group '\($0)' have it" } ?? "")
    case .stranger(let path, let user):
      "the daemon at \(path) is not trusted: it runs as user \(user), not as root, anomalyd or you"
    case .timedOut(let path, let seconds): "no answer from \(path) within \(seconds) s"
    case .closed(let path): "the daemon at \(path) closed the connection without an answer"
    case .malformedReply(let reason): "cannot parse the daemon's reply: \(reason)"
    case .refused(let error): error.description
    case .system(let operation, let path, let errno):
      "cannot \(operation) \(path): \(errno)"
    }
  }
}
