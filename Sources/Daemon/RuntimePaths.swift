public import Config
import Control
import Glibc
import Inputs
import System

/// Where a daemon keeps its state and answers calls, and what is to be said about it.
public struct RuntimePaths: Equatable, Sendable {
  /// Where state is kept.
  public var stateDirectory: String
  /// Where the control socket lies.
  public var controlSocket: String
  /// What a person should know, one sentence each.
  public var remarks: [String] = []

  /// The configured places; for somebody who tries the daemon in the foreground without being
  /// root, places of that user's own instead of the system's default ones.
  ///
  /// - Parameters:
  ///   - environment: looks up a variable, nil where it is not set.
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

  /// Settings of a daemon that is not root's, in the foreground: sockets that are at the system's
  /// default place move to that user's.
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

  /// Makes a directory, and those above it that are missing.
  /// - Returns: nil if it is there now, else what went wrong.
  static func makeDirectory(_ path: String) -> String? {
    var partial = path.hasPrefix("/") ? "" : "."
    for component in path.split(separator: "/") {
      partial += "/" + component
      if mkdir(partial, 0o750) != 0, errno != EEXIST {
        return "\(partial): \(Errno.last)"
      }
    }
    // With the dot, a file in its place is told as such.
    return access(path + "/.", R_OK | W_OK | X_OK) == 0
      ? nil : "\(path): \(Errno.last)"
  }
}
