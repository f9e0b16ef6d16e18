/// The path of the control socket.
public enum ControlSocketPath {
  /// Its name in the runtime directory.
  public static let name = "io.anomalyd"
  /// Its path for the system service.
  public static let system = "/run/anomalyd/" + name

  /// Where a daemon listens: in the directory that systemd created for it (`RUNTIME_DIRECTORY`), as
  /// root at ``system``, as another user in a directory of that user's own.
  /// - Parameter environment: looks up a variable, nil where it is not set.
  public static func forServer(isRoot: Bool, environment: (String) -> String?) -> String {
    if let folder = environment("RUNTIME_DIRECTORY")?.split(separator: ":").first {
      return "\(folder)/\(name)"
    }
    if isRoot { return system }
    return ofUser(environment)
  }

  /// Where a client looks, most likely path first.
  public static func forClient(environment: (String) -> String?) -> [String] {
    [system, ofUser(environment)]
  }

  private static func ofUser(_ environment: (String) -> String?) -> String {
    folderOfUser(environment) + "/" + name
  }

  /// The directory for the sockets of a daemon that a user runs.
  public static func folderOfUser(_ environment: (String) -> String?) -> String {
    let folder = environment("XDG_RUNTIME_DIR") ?? ""
    return (folder.isEmpty ? "/tmp" : folder) + "/anomalyd"
  }
}
