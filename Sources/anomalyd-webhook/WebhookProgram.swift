import CommandLine
import Config
import Delivery
import Glibc
import Outbox
import Outputs
import Series
import System

/// anomalyd-webhook: arguments in, exit code out.
enum WebhookProgram {
  private static let usage = Usage(
    command: "anomalyd-webhook",
    summary: "Deliver events from anomalyd's outboxes to endpoints over HTTP",
    details: """
      Started by anomalyd-webhook.path when there is something to deliver; exits when nothing is \
      left. Endpoints are [Output NAME] sections with Type=webhook in anomalyd.conf.
      """,
    options: [
      .value("config", short: "c", "PATH", help: "Read this file and PATH.d/*.conf, no others"),
      .flag(
        "check",
        help: "Check the endpoints' configuration and credentials, and exit: 0 if they are "
          + "complete, 78 if not"
      ),
      .value(
        "state-directory", "PATH",
        help: "Directory of the outboxes (default: "
          + "StateDirectory=)"),
      .value(
        "linger", "SECONDS", help: "How long to wait for more before exiting (default: 10)"),
      .flag("version", help: "Print the version and exit"),
    ],
    examples: [
      .init("systemctl enable --now anomalyd-webhook.path", "Enable delivery."),
      .init("journalctl -u anomalyd-webhook", "Show its log."),
      .init("anomalyctl outputs test NAME", "Test an endpoint."),
    ],
    exitCodes: [
      .init(0, "nothing is left, or --check found no error"),
      .failure,
      .wrongUsage,
      .invalidConfiguration,
    ]
  )

  /// Runs the program.
  /// - Returns: the exit code.
  static func run(_ words: [String]) -> Int32 {
    do throws(UsageError) {
      switch try OptionParser(usage).parse(words) {
      case .help:
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let style = Style(isTerminal: isTerminal) { getenv($0).map { String(cString: $0) } }
        print(usage.help(width: 80, style: style), terminator: "")
        return 0
      case .run(let arguments):
        if arguments.has("version") {
          print("anomalyd-webhook \(Product.version)")
          return 0
        }
        return try work(arguments)
      }
    } catch {
      say(.error, "\(error)", details: ["Try 'anomalyd-webhook --help'."])
      return 2
    }
  }

  /// The part of the configuration that this program uses; the daemon judges the rest.
  private static let sections = SectionTypes(
    inputs: [], outputs: [WebhookSection.self], ignoresOthers: true)

  private static func work(_ arguments: Arguments) throws(UsageError) -> Int32 {
    var linger = 10.0
    if let text = arguments.value("linger") {
      guard let seconds = Double(text), (0...86_400).contains(seconds) else {
        throw .invalidValue(
          of: "--linger", value: text, expected: "a number of seconds from 0 to 86400",
          suggestion: nil)
      }
      linger = seconds
    }
    signal(SIGPIPE, SIG_IGN)
    // Before the first credential is read.
    ProcessMemory.forbidDumps()
    let credentials = Credentials(
      directory: getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) })
    let settings: Settings
    do throws(SettingsErrors) {
      settings = try Settings.load(sections, configuration: arguments.value("config"))
    } catch {
      say(.error, "invalid configuration:", details: error.lines)
      // Acknowledge the bell; otherwise the path unit would restart this program immediately: the
      // next event, or the reload that brings a better configuration, rings again.
      let usual = AgentSection().stateDirectory
      if !arguments.has("check") {
        _ = OutboxBell(root: (arguments.value("state-directory") ?? usual) + "/outbox").answer()
      }
      return 78
    }
    if arguments.has("check") { return check(settings, credentials) }
    var first: Settings? = settings
    let state = arguments.value("state-directory") ?? settings.agent.stateDirectory
    var options = Courier.Options(root: state + "/outbox", host: hostName)
    options.userAgent = "anomalyd/\(Product.version)"
    options.linger = .milliseconds(Int(linger * 1000))
    options.report = { say($0.severity == .warning ? .warning : .info, $0.text) }
    do {
      let courier = try Courier(options: options) {
        if let settings = first.take() { return settings.endpointPlans(credentials) }
        do throws(SettingsErrors) {
          return try Settings.load(sections, configuration: arguments.value("config"))
            .endpointPlans(credentials)
        } catch {
          say(.warning, "invalid configuration, keeping the previous one:", details: error.lines)
          return nil
        }
      }
      try courier.run()
      return 0
    } catch {
      say(.error, "\(error)")
      return 1
    }
  }

  private static func check(_ settings: Settings, _ credentials: Credentials) -> Int32 {
    let plans = settings.endpointPlans(credentials)
    var isGood = true
    for plan in plans {
      switch plan.settings {
      case .success: print("OK: output \(plan.name)")
      case .failure(let problem):
        isGood = false
        print(PrintableText.line("output \(plan.name): \(problem)"))
      }
    }
    if plans.isEmpty { print("OK: no output with Type=webhook") }
    return isGood ? 0 : 78
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    let text = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    return text.isEmpty ? "localhost" : text
  }

  private enum Priority: Int {
    case error = 3
    case warning = 4
    case info = 6
  }

  /// Writes lines to standard error, with their priority if journald reads them (sd-daemon(3)).
  private static func say(_ priority: Priority, _ text: String, details: [String] = []) {
    let isJournal = getenv("JOURNAL_STREAM") != nil
    for line in [text] + details {
      let head = isJournal ? "<\(priority.rawValue)>" : "anomalyd-webhook: "
      let bytes = Array((head + PrintableText.line(line) + "\n").utf8)
      _ = write(STDERR_FILENO, bytes, bytes.count)
    }
  }
}
