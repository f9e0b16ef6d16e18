import CommandLine
package import Control
import Glibc
import Series
import System

/// A command's access to the daemon.
package enum DaemonAccess {
  /// The option of every command that queries the daemon.
  static let socketOption = Option.value(
    "socket",
    short: "s",
    "PATH",
    help:
      "Control socket of the daemon (default: that of this user's own daemon if there is one, "
      + "otherwise \(ControlSocketPath.system))"
  )

  /// The option of every command with JSON output.
  static let jsonOption = Option.flag("json", short: "j", help: "Print JSON, one object per line")

  /// Runs `body` with a connection to the daemon named by `--socket`, or the first that answers.
  /// - Throws: ``CommandFailure`` that suggests what to do.
  static func ask<Answer>(
    _ arguments: Arguments,
    _ body: (ControlClient) throws(ControlClientError) -> Answer
  ) throws(CommandFailure) -> Answer {
    do throws(ControlClientError) {
      return try body(try connect(arguments.value("socket")))
    } catch {
      throw CommandFailure(DaemonAccess.advice(error))
    }
  }

  /// What went wrong and what to do about it.
  package static func advice(_ error: ControlClientError) -> String {
    let sentence = Layout.printable(error.description)
    switch error {
    case .notRunning:
      return """
        \(sentence)
        Start it with 'systemctl start anomalyd', see why it stopped with 'journalctl -u anomalyd',
        run 'anomalyd' in the foreground, or specify its socket with '--socket PATH'.\(foreground())
        """
    case .stranger:
      return """
        \(sentence)
        To query it anyway, specify its socket with '--socket PATH'.
        """
    case .refused(.tooManyClients):
      return """
        \(sentence)
        'anomalyctl status' still works as root, and shows the number of connections.
        """
    case .permissionDenied(_, let group):
      // A daemon run by root in the foreground has root's group, which users should not join.
      guard let group, group != "root" else {
        return """
          \(sentence)
          Use sudo.
          """
      }
      return """
        \(sentence)
        Join with 'sudo usermod -aG \(group) NAME' and log in again, or use sudo.
        """
    case .refused(.permissionDenied):
      return """
        \(sentence)
        Join with 'sudo usermod -aG \(ChangeAuthority.groupName) NAME' and log in again, or use sudo.
        """
    case .timedOut:
      return """
        \(sentence)
        It may hang: see 'systemctl status anomalyd'.
        """
    case .malformedReply:
      return """
        \(sentence)
        This is anomalyctl \(Product.version); 'systemctl restart anomalyd' if the daemon is older.
        """
    case .closed, .refused, .system:
      return sentence
    }
  }

  /// Root's daemon in the foreground is never queried by default, since it is not the service.
  private static func foreground() -> String {
    guard geteuid() == 0,
      let folder = ControlSocketPath.foregroundFolder(user: 0, environment: Console.environment),
      access(folder + "/" + ControlSocketPath.name, F_OK) == 0
    else { return "" }
    return "\nOne in the foreground is at \(folder)/\(ControlSocketPath.name)."
  }

  /// The time now.
  static func now() -> Timestamp { .now }

  /// A connection to the daemon at `path`; nil: to one of the caller's own, otherwise to the
  /// service.
  /// - Parameter timeout: maximum wait for a reply.
  static func connect(
    _ path: String?, timeout: Duration = .seconds(5)
  ) throws(ControlClientError) -> ControlClient {
    if let path { return try ControlClient(path: path, timeout: timeout) }
    let candidates = ControlSocketPath.forClient(
      user: geteuid(), environment: Console.environment)
    for candidate in candidates.dropLast() {
      do throws(ControlClientError) {
        return try ControlClient(
          path: candidate.path, trusted: candidate.trusted, timeout: timeout)
      } catch {
        // Nothing there, or nothing accessible to this user, as with another user's HOME.
        if case .stranger = error { throw error }
      }
    }
    let system = candidates[candidates.count - 1]
    return try ControlClient(path: system.path, trusted: system.trusted, timeout: timeout)
  }
}
