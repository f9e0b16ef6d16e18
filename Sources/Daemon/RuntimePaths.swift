public import Config
import Control
import Glibc
import Inputs
import System

/// The paths of a daemon's state and control socket, with remarks.
public struct RuntimePaths: Equatable, Sendable {
  /// Where state is kept.
  public var stateDirectory: String
  /// The path of the control socket.
  public var controlSocket: String
  /// Remarks for the user, one sentence each.
  public var remarks: [String] = []

  /// The configured paths; in the foreground, the user's own paths instead of the defaults, so that
  /// trying it out leaves nothing in the service's directories.
  ///
  /// - Parameters:
  ///   - user: the process's effective user.
  ///   - environment: looks up a variable, nil if it is not set.
  public init(
    of settings: Settings,
    isForeground: Bool,
    user: UInt32,
    environment: (String) -> String?
  ) {
    stateDirectory = settings.agent.stateDirectory
    controlSocket = settings.agent.controlSocket
    guard isForeground else { return }
    let usual = AgentSection()
    if stateDirectory == usual.stateDirectory,
      let own = ControlSocketPath.foregroundState(user: user, environment: environment)
    {
      stateDirectory = own
      remarks.append(
        "in the foreground: state is kept in \(stateDirectory), not \(usual.stateDirectory)")
    }
    if controlSocket == usual.controlSocket,
      let folder = ControlSocketPath.foregroundFolder(user: user, environment: environment)
    {
      controlSocket = folder + "/" + ControlSocketPath.name
      remarks.append(
        "in the foreground: the control socket is \(controlSocket)"
          + (user == 0 ? " (anomalyctl --socket \(controlSocket))" : ""))
    }
  }

  /// Settings of a daemon in the foreground: sockets at the system's default paths move to the
  /// user's.
  public static func ofUser(
    _ settings: Settings, user: UInt32, environment: (String) -> String?
  ) -> Settings {
    guard
      let folder = ControlSocketPath.foregroundFolder(user: user, environment: environment)
    else { return settings }
    var settings = settings
    for index in settings.inputs.indices {
      settings.inputs[index].section = settings.inputs[index].input.ofUser(
        runtimeDirectory: folder)
    }
    return settings
  }

  /// Creates a directory and its missing parents.
  /// - Returns: nil if it exists afterwards, otherwise what went wrong.
  static func makeDirectory(_ path: String) -> String? {
    var partial = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      partial += "/" + component
      if mkdir(partial, 0o750) != 0, errno != EEXIST {
        let errno = Errno.last
        return "\(partial): \(errno)\(FileAccess.explanation(of: partial, errno))"
      }
    }
    // With the dot, a regular file at that path is reported as such.
    guard access(path + "/.", R_OK | W_OK | X_OK) != 0 else { return nil }
    let errno = Errno.last
    return "\(path): \(errno)\(FileAccess.explanation(of: path, errno))"
  }
}
