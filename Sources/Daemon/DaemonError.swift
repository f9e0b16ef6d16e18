public import Config

/// Why the daemon cannot start or go on.
public enum DaemonError: Error, Equatable, CustomStringConvertible {
  /// The event loop failed.
  case loop(EventLoopError)
  /// A setting is of no use.
  case settings(SettingsRefusal)
  /// The state directory cannot be used.
  case state(String)
  /// The control socket cannot be opened.
  case control(String)

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .loop(let error): error.description
    case .settings(let error): error.description
    case .state(let text): text
    case .control(let text): text
    }
  }
}
