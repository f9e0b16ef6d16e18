internal import Glibc

/// The paths of control sockets.
///
/// A client connects only where nobody except root, the service or the caller can have put a
/// socket, and checks who answers: another user's program must never be mistaken for the daemon.
public enum ControlSocketPath {
  /// Its name in the runtime directory.
  public static let name = "io.anomalyd"
  /// Its path for the system service.
  public static let system = "/run/anomalyd/" + name

  /// The directory for the sockets of a daemon in the foreground: for root one of its own in
  /// `/run`, for other users in `$XDG_RUNTIME_DIR`, or beside their state if that is not set; nil
  /// without a home directory.
  /// - Parameter environment: looks up a variable, nil if it is not set.
  public static func foregroundFolder(
    user: UInt32, environment: (String) -> String?
  ) -> String? {
    if user == 0 { return "/run/anomalyd-foreground" }
    if let folder = environment("XDG_RUNTIME_DIR"), folder.hasPrefix("/") {
      return folder + "/anomalyd"
    }
    return foregroundState(user: user, environment: environment).map { $0 + "/run" }
  }

  /// The directory for the state of a daemon in the foreground, never the service's; nil without a
  /// home directory.
  public static func foregroundState(user: UInt32, environment: (String) -> String?) -> String? {
    // With sudo, HOME may be the home of the user who called it.
    if user == 0 { return "/var/lib/anomalyd-foreground" }
    if let folder = environment("XDG_STATE_HOME"), folder.hasPrefix("/") {
      return folder + "/anomalyd"
    }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.local/state/anomalyd"
  }

  /// A path that a client tries, and the users trusted there.
  public struct Candidate: Equatable, Sendable {
    /// The path of the socket.
    public var path: String
    /// The users whose daemon is trusted there.
    public var trusted: Set<UInt32>
  }

  /// The paths that a client of this user tries, in order of preference: root only ``system``,
  /// others first that of a daemon of their own.
  public static func forClient(
    user: UInt32, environment: (String) -> String?
  ) -> [Candidate] {
    var service = Candidate(path: system, trusted: [0, user])
    // Only root creates directories in /run: the owner of this one is the service's user.
    var facts = stat()
    if stat("/run/anomalyd", &facts) == 0 { service.trusted.insert(facts.st_uid) }
    guard user != 0, let own = foregroundFolder(user: user, environment: environment) else {
      return [service]
    }
    return [Candidate(path: own + "/" + name, trusted: [user]), service]
  }
}
