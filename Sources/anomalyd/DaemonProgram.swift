import CommandLine
import Config
import Daemon
import Glibc
import Series

/// anomalyd: arguments in, exit code out.
enum DaemonProgram {
  private static let usage = Usage(
    command: "anomalyd",
    summary: "Monitor the metrics of this host and report anomalies",
    details: """
      Without a configuration file, it monitors this host. As a service it writes events to the \
      journal; in the foreground it prints them.
      """,
    options: [
      .value("config", short: "c", "PATH", help: "Read this file and PATH.d/*.conf, no others"),
      .flag("check", help: "Check the configuration and exit: 0 if it is valid, 78 if not"),
      .flag(
        "foreground",
        short: "f",
        help: "Print events as readable lines (default: when standard output is a terminal)"
      ),
      .value("state-directory", "PATH", help: "State directory (default: StateDirectory=)"),
      .value("socket", "PATH", help: "Control socket for anomalyctl (default: ControlSocket=)"),
      .flag("version", help: "Print the version and exit"),
    ],
    examples: [
      .init("anomalyd --foreground", "Monitor this host and print its anomalies"),
      .init("anomalyd --check", "Check the configuration."),
    ],
    exitCodes: [
      .init(0, "terminated by SIGTERM or SIGINT, or --check found no error"),
      .failure,
      .wrongUsage,
      .invalidConfiguration,
    ]
  )

  /// Runs the daemon.
  /// - Returns: the exit code.
  static func run(_ words: [String]) -> Int32 {
    let log = Log(Log.standardDestination)
    do throws(UsageError) {
      switch try OptionParser(usage).parse(words) {
      case .help:
        print(usage.help(width: 80, style: style), terminator: "")
        return 0
      case .run(let arguments):
        if arguments.has("version") {
          print("\(Product.name) \(Product.version)")
          return 0
        }
        if arguments.has("check") { return check(arguments) }
        return watch(arguments, log)
      }
    } catch {
      log.error("\(error)", details: ["Try 'anomalyd --help'."])
      return 2
    }
  }

  private static func check(_ arguments: Arguments) -> Int32 {
    do throws(SettingsErrors) {
      let settings = try load(arguments)
      let refusals = settings.allRefusals
      for refusal in refusals { print(PrintableText.line(refusal.description)) }
      guard refusals.isEmpty else { return 78 }
      let files = settings.files
      let names = files.isEmpty ? "no file, defaults" : files.joined(separator: ", ")
      print("OK: \(PrintableText.line(names))")
      print(MemoryNeed(settings).summary(MemoryNeed.limitsOfHost()))
      return 0
    } catch {
      print(error)
      return 78
    }
  }

  private static func watch(_ arguments: Arguments, _ log: Log) -> Int32 {
    Daemon.prepareProcess()
    let isForeground = arguments.has("foreground") || isatty(STDOUT_FILENO) == 1
    func loadForRun() throws(SettingsErrors) -> Settings {
      var settings = try load(arguments)
      // Without a configuration in the foreground, show events instead of filling the journal.
      if isForeground, settings.files.isEmpty { settings.outputs = [] }
      if isForeground {
        settings = RuntimePaths.ofUser(settings, user: geteuid(), environment: environment)
      }
      return settings
    }
    let settings: Settings
    do throws(SettingsErrors) {
      settings = try loadForRun()
    } catch {
      log.configurationRefused("invalid configuration:", errors: error.lines)
      return 78
    }
    var options = Daemon.Options()
    options.log = log
    options.style = style
    let paths = RuntimePaths(
      of: settings,
      isForeground: isForeground,
      user: geteuid(),
      environment: environment
    )
    options.stateDirectory = arguments.value("state-directory") ?? paths.stateDirectory
    options.controlSocket = arguments.value("socket") ?? paths.controlSocket
    options.printsEvents = isForeground
    options.ownsTerminal = isatty(STDOUT_FILENO) == 1
    do throws(DaemonError) {
      let agent = try Daemon(settings: settings, options: options) { () throws(SettingsErrors) in
        try loadForRun()
      }
      log.info("\(Product.name) \(Product.version) \(agent.summary)\(agent.outlook)")
      for remark in paths.remarks { log.info(remark) }
      return try agent.run()
    } catch .settings(let refusal) {
      log.configurationRefused("invalid configuration:", errors: [refusal.description])
      return 78
    } catch {
      log.error("cannot start: \(error)")
      return 1
    }
  }

  private static func load(_ arguments: Arguments) throws(SettingsErrors) -> Settings {
    try Settings.load(.all, configuration: arguments.value("config"))
  }

  private static var style: Style {
    Style(isTerminal: isatty(STDOUT_FILENO) == 1, environment: environment)
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
