/// The path of the control socket.
public enum ControlSocketPath {
  /// Its name in the runtime directory.
  public static let name = "io.anomalyd"
  /// Its path for the service.
  public static let system = "/run/anomalyd/" + name

  /// The path at which a daemon listens: in the directory that systemd created for it
  /// (`RUNTIME_DIRECTORY`), as root at ``system``, as another user in that user's own directory.
  /// - Parameter environment: looks up a variable, nil if it is not set.
  public static func forServer(isRoot: Bool, environment: (String) -> String?) -> String {
    if let folder = environment("RUNTIME_DIRECTORY")?.split(separator: ":").first {
      return "\(folder)/\(name)"
    }
    if isRoot { return system }
    return ofUser(environment)
  }

  /// The paths that a client tries, most likely first.
  public static func forClient(environment: (String) -> String?) -> [String] {
    [system, ofUser(environment)]
  }

  private static func ofUser(_ environment: (String) -> String?) -> String {
    folderOfUser(environment) + "/" + name
  }

  /// The socket directory of a daemon run by a user.
  public static func folderOfUser(_ environment: (String) -> String?) -> String {
    let folder = environment("XDG_RUNTIME_DIR") ?? ""
    return (folder.isEmpty ? "/tmp" : folder) + "/anomalyd"
  }
}
