import CommandLine
import Config
import Control
import Daemon

extension Command {
  /// `anomalyctl config show`.
  package static let configShow = Command(
    Usage(
      command: "anomalyctl config show",
      summary: "Print the effective configuration, every key with its value",
      details: """
        The configuration the daemon would read now, from its files and their drop-ins, with all \
        defaults filled in; the output is itself a configuration file. Values of headers and parts of \
        addresses that may be secrets are masked. Needs no daemon.
        """,
      options: [LocalSettings.option, DaemonAccess.jsonOption],
      examples: [
        .init("anomalyctl config show | grep -A3 '^\\[Agent\\]'", "The limits of the daemon."),
        .init(
          "anomalyctl config show --json | jq -r 'select(.key == \"Interval\").value'",
          "The intervals at which inputs are read."
        ),
      ],
      exitCodes: LocalSettings.exitCodes
    )
  ) { arguments, console in
    let text = try LocalSettings.load(arguments).describe(masked: true)
    guard arguments.has("json") else { return try console.write(text) }
    try console.write(lines: ConfigurationEntry.all(of: text).map { MessageJSON.line($0) })
  }

  /// `anomalyctl config default`.
  package static let configDefault = Command(
    Usage(
      command: "anomalyctl config default",
      summary: "Print the configuration file with every key commented out, explained",
      details: """
        The file that is installed as /etc/anomalyd/anomalyd.conf: above each key what it does and \
        what it takes, and its default. Needs no daemon and reads no file.
        """,
      options: [.flag("manual", help: "Print the manual page anomalyd.conf(5) instead")],
      examples: [
        .init("anomalyctl config default | grep -B6 '^#StallAfter='", "What does this key do?"),
        .init("anomalyctl config default --manual | man -l -", "Read it as a manual page."),
      ]
    )
  ) { arguments, console in
    let sections = SectionTypes.all
    try console.write(arguments.has("manual") ? sections.manualPage : sections.defaultFile)
  }

  /// `anomalyctl config check`.
  package static let configCheck = Command(
    Usage(
      command: "anomalyctl config check",
      summary: "Check the configuration and report every error with file and line",
      details: """
        Checks what 'systemctl reload anomalyd' would apply, as 'anomalyd --check' does. Needs no \
        daemon.
        """,
      options: [LocalSettings.option, DaemonAccess.jsonOption],
      examples: [
        .init("anomalyctl config check && systemctl reload anomalyd", "Apply it if it is valid."),
        .init("anomalyctl config check --config new.conf", "Check another file."),
      ],
      exitCodes: LocalSettings.exitCodes
    )
  ) { arguments, console in
    var errors: [String] = []
    var files: [String] = []
    var memory = ""
    do throws(SettingsErrors) {
      let settings = try Settings.load(.all, configuration: arguments.value("config"))
      files = settings.files
      memory = MemoryNeed(settings).summary(MemoryNeed.limitsOfHost())
      errors = settings.allRefusals.map(\.description)
    } catch {
      errors = error.lines
    }
    if arguments.has("json") {
      let result = ConfigurationCheck(ok: errors.isEmpty, files: files, errors: errors)
      try console.write(MessageJSON.line(result) + "\n")
    } else if errors.isEmpty {
      let names = files.isEmpty ? "no file, defaults" : files.joined(separator: ", ")
      try console.write("OK: \(Layout.printable(names))\n\(memory)\n")
    }
    guard errors.isEmpty else {
      let lines = errors.map { Layout.printable($0) }.joined(separator: "\n")
      throw CommandFailure("invalid configuration:\n\(lines)", exitCode: 78)
    }
  }
}

/// The result of a check as JSON.
private struct ConfigurationCheck: Encodable {
  var ok: Bool
  var files: [String]
  var errors: [String]
}

/// One key of the configuration as JSON.
private struct ConfigurationEntry: Encodable {
  var section: String
  var key: String
  var value: String

  /// The entries of a configuration file with one assignment per line.
  static func all(of text: String) -> [ConfigurationEntry] {
    var section = ""
    var entries: [ConfigurationEntry] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("["), line.hasSuffix("]") {
        section = String(line.dropFirst().dropLast())
      } else if let equals = line.firstIndex(of: "=") {
        let value = String(line[line.index(after: equals)...])
        entries.append(
          ConfigurationEntry(section: section, key: String(line[..<equals]), value: value))
      }
    }
    return entries
  }
}
