import CommandLine
import Config
import Control
import Daemon

extension Command {
  /// `anomalyctl config explain`.
  package static let configExplain = Command(
    Usage(
      command: "anomalyctl config explain",
      summary: "Explain a configuration key, its values and default, and show where it is set",
      details: """
        KEY is the name before the equals sign, in upper or lower case. A key of several input or \
        output types is explained once for each. Works without the daemon, and with an invalid \
        configuration.
        """,
      arguments: [.init("KEY", help: "For example AlarmBudget or StallAfter")],
      options: [LocalSettings.option, DaemonAccess.jsonOption, Pager.option],
      examples: [
        .init("anomalyctl config explain AlarmBudget", "What does it do, and where is it set?"),
        .init("anomalyctl config explain Path --json | jq .set", "Where each path is set."),
      ],
      json: """
        One object per section with the key: section, type (the value of Type=, if any), key, \
        help, takes, default, example, set (section, value, file, line).
        """,
      exitCodes: LocalSettings.exitCodes
    )
  ) { arguments, console in
    var word = arguments.positional[0]
    if word.hasSuffix("=") { word.removeLast() }
    let all = SectionTypes.all.keys
    let keys = all.filter { $0.name.lowercased() == word.lowercased() }
    guard !keys.isEmpty else {
      throw UsageError.invalidValue(
        of: "KEY", value: word, expected: "a key of anomalyd.conf(5)",
        suggestion: NearMiss.of(word, among: all.map(\.name)))
    }
    // The user may be about to fix it.
    let settings = try? LocalSettings.load(arguments)
    if settings == nil {
      console.note("the configuration is invalid: see 'anomalyctl config check'\n")
    }
    let explanations = keys.map { KeyExplanation($0, settings?.values(masked: true)) }
    if arguments.has("json") {
      try console.write(lines: explanations.map { MessageJSON.line($0) })
    } else {
      let width = min(console.width ?? 80, 100)
      try console.write(
        lines: Array(
          explanations.map { $0.lines(width: width, style: console.style) }.joined(separator: [""]))
      )
    }
  }
}

/// A key of one kind of section, and where it is set.
private struct KeyExplanation: Encodable {
  struct Assignment: Encodable {
    var section: String
    var value: String
    var file: String
    var line: Int
  }

  let section: String
  let type: String?
  let key: String
  let help: String
  let takes: String
  let `default`: String
  let example: String
  /// Where it is set; nil if unknown.
  let set: [Assignment]?

  /// - Parameter values: those in force; nil if the configuration is invalid.
  init(_ documented: SettingsKey, _ values: [Settings.Value]?) {
    section = documented.section
    type = documented.type
    key = documented.name
    help = documented.help
    takes = documented.expectation
    `default` = documented.defaultText
    example = documented.example
    set = values?.filter { value in
      guard value.key == documented.name,
        value.section.split(separator: " ").first.map(String.init) == documented.section
      else { return false }
      let typeOfSection = values?.first { $0.section == value.section && $0.key == "Type" }?.text
      return documented.type == nil || documented.type == typeOfSection
    }.compactMap { value in
      value.origin.map {
        Assignment(section: value.section, value: value.text, file: $0.file, line: $0.line)
      }
    }
  }

  private var header: String {
    switch section {
    case "Agent", "Detector": "[\(section)]"
    case "Metric": "[Metric PATTERN]"
    default: "[\(section) NAME]"
    }
  }

  func lines(width: Int, style: Style) -> [String] {
    let owner = header + (type.map { " with Type=\($0)" } ?? "")
    var lines = ["\(style.bold(key + "=")) in \(owner)"]
    lines += Layout.wrap(help.isEmpty ? "The section type." : help, width: width - 2).map {
      "  " + $0
    }
    lines.append("")
    lines += Layout.definitions(
      [
        ("takes", takes), ("default", `default`.isEmpty ? "none" : `default`),
        ("example", "\(key)=\(example)"),
      ]
        + (set ?? []).map {
          ("set", "[\($0.section)] \(key)=\($0.value), by \($0.file):\($0.line)")
        }
        + (set?.isEmpty ?? false ? [("set", "nowhere: the default applies")] : []),
      width: width
    ).map { Layout.printable($0) }
    return lines
  }
}
