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
        Prints the configuration that the daemon would load now from its files and drop-ins, \
        including all defaults; the output is itself a valid configuration file. A comment above \
        each value that differs from the default shows the file and line that set it. Header \
        values and parts of URLs that may be secrets are masked. Works without the daemon. 'config \
        cat' prints the files themselves.
        """,
      options: [LocalSettings.option, DaemonAccess.jsonOption, Pager.option],
      examples: [
        .init("anomalyctl config show | grep -A3 '^\\[Agent\\]'", "The daemon's limits."),
        .init(
          "anomalyctl config show --json | jq -r 'select(.key == \"Interval\").value'",
          "The sampling intervals of inputs."
        ),
      ],
      json:
        "One object per value: section, key, value, file and line (where it is set; absent for a "
        + "default).",
      exitCodes: LocalSettings.exitCodes
    )
  ) { arguments, console in
    let settings = try LocalSettings.load(arguments)
    guard arguments.has("json") else {
      return try console.write(settings.describe(masked: true, origins: true))
    }
    try console.write(
      lines: settings.values(masked: true).map { MessageJSON.line(ConfigurationEntry($0)) })
  }

  /// `anomalyctl config cat`.
  package static let configCat = Command(
    Usage(
      command: "anomalyctl config cat",
      summary: "Print the configuration files verbatim, in the order in which they are read",
      details: """
        Prints each file below a comment with its path, like 'systemctl cat', even if it is \
        invalid. Later assignments override earlier ones. Nothing is masked. 'config show' prints \
        the resulting values with the file and line that set each.
        """,
      options: [LocalSettings.option, DaemonAccess.jsonOption, Pager.option],
      examples: [.init("anomalyctl config cat", "Which files does the daemon read?")],
      json: "One object per file: file, text.",
      exitCodes: LocalSettings.exitCodes
    )
  ) { arguments, console in
    let files: [(path: String, text: String)]
    do throws(SettingsErrors) {
      files = try Settings.sources(configuration: arguments.value("config"))
    } catch {
      throw CommandFailure("\(error)", exitCode: 78)
    }
    if arguments.has("json") {
      let lines = files.map { MessageJSON.line(["file": $0.path, "text": $0.text]) }
      return try console.write(lines: lines)
    }
    if files.isEmpty { console.note("no configuration file: defaults\n") }
    for (index, file) in files.enumerated() {
      let head = console.style.faint("# \(Layout.printable(file.path))")
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      let body = lines.last == "" ? lines.dropLast() : lines[...]
      try console.write(
        lines: (index > 0 ? ["", head] : [head]) + body.map { Layout.printable($0) })
    }
  }

  /// `anomalyctl config default`.
  package static let configDefault = Command(
    Usage(
      command: "anomalyctl config default",
      summary: "Print a configuration file with every key explained and commented out",
      details: """
        Prints the file installed as /etc/anomalyd/anomalyd.conf: every key with a description, \
        accepted values and its default. Works without the daemon and reads no files.
        """,
      options: [
        .flag("manual", help: "Print the man page anomalyd.conf(5) instead"), Pager.option,
      ],
      examples: [
        .init("anomalyctl config default | grep -B6 '^#StallAfter='", "What does this key do?"),
        .init("anomalyctl config default --manual | man -l -", "Read it as a man page."),
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
        Checks the configuration that 'systemctl reload anomalyd' would apply, like 'anomalyd \
        --check'. Works without the daemon.
        """,
      options: [LocalSettings.option, DaemonAccess.jsonOption],
      examples: [
        .init("anomalyctl config check && systemctl reload anomalyd", "Apply it if it is valid."),
        .init("anomalyctl config check --config new.conf", "Check another file."),
      ],
      json: """
        One object: ok, files (all that were read), errors (sentences with file and line).
        """,
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
  var file: String?
  var line: Int?

  init(_ value: Settings.Value) {
    section = value.section
    key = value.key
    self.value = value.text
    file = value.origin?.file
    line = value.origin?.line
  }
}
