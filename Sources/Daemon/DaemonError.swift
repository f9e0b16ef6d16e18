public import Config

/// Why the daemon cannot start or continue.
public enum DaemonError: Error, Equatable, CustomStringConvertible {
  /// The event loop failed.
  case loop(EventLoopError)
  /// A setting is unusable.
  case settings(SettingsRefusal)
  /// The state directory is unusable.
  case state(String)
  /// The control socket cannot be opened.
  case control(String)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .loop(let error): error.description
    case .settings(let error): error.description
    case .state(let text): text
    case .control(let text): text
    }
  }
}
