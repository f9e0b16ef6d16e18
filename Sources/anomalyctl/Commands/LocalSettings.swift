import CommandLine
import Config
import Daemon

/// The configuration, for commands that read it themselves and need no daemon.
enum LocalSettings {
  /// The option of all these commands.
  static let option = Option.value(
    "config",
    short: "c",
    "PATH",
    help: "Read this file and PATH.d/*.conf (default: what the daemon reads)"
  )

  /// The exit codes of these commands.
  static let exitCodes =
    Usage.ExitCode.usual + [.invalidConfiguration]

  /// The configuration named by `--config`, or the daemon's.
  /// - Throws: ``CommandFailure`` with every error and exit code 78.
  static func load(_ arguments: Arguments) throws(CommandFailure) -> Settings {
    do throws(SettingsErrors) {
      return try Settings.load(.all, configuration: arguments.value("config"))
    } catch {
      throw CommandFailure("invalid configuration:\n\(error)", exitCode: 78)
    }
  }
}
