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
    help: "Control socket of the daemon (default: \(ControlSocketPath.system), then that of a "
      + "daemon run by this user)"
  )

  /// The option of every command with JSON output.
  static let jsonOption = Option.flag("json", short: "j", help: "Print JSON, one object per line")

  /// Runs `body` with a connection to the daemon that `--socket` names, or the first that answers.
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
        run 'anomalyd' in the foreground, or say where it listens with '--socket PATH'.
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
        It may be stuck: see 'systemctl status anomalyd'.
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

  /// The time now.
  static func now() -> Timestamp { .now }

  /// A connection to the daemon at `path`; nil: the first that answers.
  static func connect(_ path: String?) throws(ControlClientError) -> ControlClient {
    if let path { return try ControlClient(path: path) }
    let paths = ControlSocketPath.forClient(environment: Console.environment)
    for path in paths.dropFirst().reversed() where access(path, F_OK) == 0 {
      // A user's own daemon is queried only if the system's is not running.
      do {
        return try ControlClient(path: paths[0])
      } catch .notRunning {
        return try ControlClient(path: path)
      }
    }
    return try ControlClient(path: paths[0])
  }
}
