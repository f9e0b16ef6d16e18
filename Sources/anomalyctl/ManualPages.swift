import CommandLine
import Control

/// The manual pages of anomalyctl's commands, one per family, generated from the table of commands;
/// and that of the control interface, whose types are the fields of `--json`.
package struct ManualPages: Sendable {
  /// Commands that belong together.
  private struct Family: Sendable {
    /// The page, such as `anomalyctl-events`.
    let name: String
    /// Its subject, to complete "anomalyctl-events \-".
    let summary: String
    /// The names of its commands.
    let commands: [String]
  }

  private static let families = [
    Family(
      name: "anomalyctl-status", summary: "show what anomalyd monitors and whether it is healthy",
      commands: ["status", "top", "doctor", "metrics", "show", "tap"]),
    Family(
      name: "anomalyctl-events", summary: "list, explain and judge incidents and their events",
      commands: ["incidents", "events", "events close", "explain", "feedback"]),
    Family(
      name: "anomalyctl-silence", summary: "mute events for a time",
      commands: ["silence add", "silence list", "silence remove"]),
    Family(
      name: "anomalyctl-inputs", summary: "inspect and test inputs and outputs, and send values",
      commands: ["inputs", "inputs test", "send", "outputs", "outputs test"]),
    Family(
      name: "anomalyctl-config", summary: "explain, print and check the configuration",
      commands: [
        "config show", "config cat", "config explain", "config check", "config default",
        "completion",
      ]),
    Family(
      name: "anomalyctl-models", summary: "manage what anomalyd has learnt",
      commands: [
        "models list", "models show", "models freeze", "models unfreeze", "models reset",
        "models snapshot", "models snapshots", "models delete", "models rollback",
        "models unlearn", "models export", "models import", "models diff",
      ]),
    Family(
      name: "anomalyctl-train", summary: "train models on recordings, and judge and compare them",
      commands: ["train", "evaluate", "compare", "plot", "report", "synthesize", "tune"]),
    Family(
      name: "anomalyctl-backtest", summary: "run anomalyd's detector on recordings",
      commands: ["backtest", "nab"]),
  ]

  /// The page of the control interface.
  private static let interfaceName = "io.anomalyd"

  private let commands: [Command]

  /// The pages about these commands.
  package init(of commands: [Command]) {
    self.commands = commands
  }

  /// The file of each page, such as `anomalyctl-events.1`, with its text in the macros of man(7).
  package var files: [(name: String, text: String)] {
    ManualPages.families.map { ("\($0.name).1", page($0)) }
      + [("\(ManualPages.interfaceName).7", ManualPages.interfacePage)]
  }

  /// Commands of the table that are on no page, and commands on pages that are not in the table.
  package var strays: Set<String> {
    Set(commands.map(\.name)).symmetricDifference(ManualPages.families.flatMap(\.commands))
  }

  private func page(_ family: Family) -> String {
    let members = family.commands.compactMap { name in commands.first { $0.name == name } }
    var page = """
      .\\" Generated: see Sources/anomalyctl/ManualPages.swift.
      .TH \(family.name.uppercased()) 1 "" anomalyd
      .SH NAME
      \(troff(family.name)) \\- \(troff(family.summary))
      .SH SYNOPSIS
      .nf

      """
    for command in members { page += troff(command.usage.synopsis) + "\n" }
    page += ".fi\n.SH COMMANDS\n"
    for command in members { page += section(command.usage) }
    let codes = members.flatMap(\.usage.exitCodes)
    page += ".SH \"EXIT STATUS\"\n"
    var seen: Set<Int32> = []
    for code in codes.sorted(by: { $0.code < $1.code }) where seen.insert(code.code).inserted {
      page += ".TP\n\(code.code)\n\(troff(code.meaning))\n"
    }
    page += ".SH \"SEE ALSO\"\n"
    let others = ManualPages.families.map { "\($0.name)(1)" }.filter { $0 != family.name + "(1)" }
    page +=
      (["anomalyctl(1)", "anomalyd(8)", "anomalyd.conf(5)", "io.anomalyd(7)"] + others)
      .map(reference).joined(separator: ",\n") + "\n"
    return page
  }

  private func section(_ usage: Usage) -> String {
    var text = ".SS \"\(troff(usage.command))\"\n\(troff(usage.summary)).\n"
    for paragraph in usage.details.split(separator: "\n\n") {
      text += ".PP\n"
      text += troff(paragraph.split(separator: "\n").joined(separator: " ")) + "\n"
    }
    for argument in usage.arguments {
      text += ".TP\n\\fI\(troff(argument.name))\\fR\n\(troff(argument.help))\n"
    }
    for option in usage.options {
      text += ".TP\n\\fB\(troff(option.spelling))\\fR\n\(troff(option.help))\n"
    }
    if !usage.json.isEmpty {
      text += ".PP\nWith \\fB\\-\\-json\\fR: "
      text += troff(usage.json.prefix(1).lowercased() + usage.json.dropFirst()) + "\n"
    }
    for example in usage.examples {
      text += ".PP\n.nf\n\(troff(example.line))\n.fi\n.RS 4\n\(troff(example.meaning))\n.RE\n"
    }
    return text
  }

  private static var interfacePage: String {
    let text = InterfaceDescription.text(of: interfaceName) ?? ""
    return """
      .\\" Generated: see Sources/anomalyctl/ManualPages.swift.
      .TH IO.ANOMALYD 7 "" anomalyd
      .SH NAME
      io.anomalyd \\- the control interface of anomalyd, and the fields of anomalyctl's JSON
      .SH DESCRIPTION
      The daemon serves the Varlink protocol (https://varlink.org) on its control socket,
      \\fI/run/anomalyd/io.anomalyd\\fR. \\fBanomalyctl\\fR(1) prints the types below unchanged with
      \\fB\\-\\-json\\fR; fields without a value are omitted. Times are RFC 3339 in UTC, durations are
      in seconds, sizes in bytes.
      .SH INTERFACE
      .nf

      """
        + text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { troffLine($0) }.joined(separator: "\n") + """

          .fi
          .SH "SEE ALSO"
          \\fBanomalyctl\\fR(1),
          \\fBanomalyd\\fR(8),
          \\fBvarlinkctl\\fR(1)

          """
  }

  private func reference(_ page: String) -> String {
    let parts = page.split(separator: "(")
    return "\\fB\(troff(parts[0]))\\fR(\(parts[1])"
  }

  private func troff(_ text: some StringProtocol) -> String { ManualPages.troffLine(text) }

  /// Text that troff takes literally: one line, no requests, no escapes.
  private static func troffLine(_ text: some StringProtocol) -> String {
    let escaped = String(text).replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}
