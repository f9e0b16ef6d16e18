/// Where the socket of `[Input NAME]` with `Type=socket` lies unless configured otherwise.
public enum MetricsSocketPath {
  /// Its name in the runtime folder.
  public static let name = "metrics.sock"
  /// Where the service has it.
  public static let system = "/run/anomalyd/" + name

  /// Where a daemon that a user runs listens: in the folder of that user's control socket.
  public static func ofUser(environment: (String) -> String?) -> String {
    ControlSocketPath.folderOfUser(environment) + "/" + name
  }
}
