public import Config
import Control
import Glibc
import Inputs
import System

/// Where a daemon keeps its state and its control socket, with remarks.
public struct RuntimePaths: Equatable, Sendable {
  /// Where state is kept.
  public var stateDirectory: String
  /// The path of the control socket.
  public var controlSocket: String
  /// Remarks for the user, one sentence each.
  public var remarks: [String] = []

  /// The configured paths; for a user who runs the daemon in the foreground without being root,
  /// that user's own paths instead of the system defaults.
  ///
  /// - Parameters:
  ///   - environment: looks up a variable, nil if it is not set.
  public init(
    of settings: Settings,
    isForeground: Bool,
    isRoot: Bool,
    environment: (String) -> String?
  ) {
    stateDirectory = settings.agent.stateDirectory
    controlSocket = settings.agent.controlSocket
    guard isForeground, !isRoot else { return }
    let usual = AgentSection()
    if stateDirectory == usual.stateDirectory {
      let home = environment("XDG_STATE_HOME").flatMap { $0.isEmpty ? nil : $0 }
      stateDirectory =
        (home ?? (environment("HOME") ?? "/tmp") + "/.local/state") + "/anomalyd"
      remarks.append(
        "not running as root: state is kept in \(stateDirectory), not \(usual.stateDirectory)")
    }
    if controlSocket == usual.controlSocket {
      controlSocket = ControlSocketPath.forServer(isRoot: false, environment: environment)
      remarks.append("not running as root: the control socket is \(controlSocket)")
    }
  }

  /// Settings of a foreground daemon that is not root's: sockets at the system's default paths move
  /// to the user's.
  public static func ofUser(
    _ settings: Settings,
    environment: (String) -> String?
  ) -> Settings {
    var settings = settings
    let directory = ControlSocketPath.folderOfUser(environment)
    for index in settings.inputs.indices {
      settings.inputs[index].section = settings.inputs[index].input.ofUser(
        runtimeDirectory: directory)
    }
    return settings
  }

  /// Creates a directory and its missing parents.
  /// - Returns: nil if it exists now, otherwise what went wrong.
  static func makeDirectory(_ path: String) -> String? {
    var partial = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      partial += "/" + component
      if mkdir(partial, 0o750) != 0, errno != EEXIST {
        return "\(partial): \(Errno.last)"
      }
    }
    // With the dot, a file in its place is reported as such.
    return access(path + "/.", R_OK | W_OK | X_OK) == 0
      ? nil : "\(path): \(Errno.last)"
  }
}
