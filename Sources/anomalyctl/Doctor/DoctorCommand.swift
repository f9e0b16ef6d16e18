import CommandLine
import Config
import Control
import Daemon
import Glibc
import Inputs
import Series
import System

extension Command {
  /// `anomalyctl doctor`.
  package static let doctor = Command(
    Usage(
      command: "anomalyctl doctor",
      summary: "Diagnose problems with the installation and suggest fixes",
      details: """
        Checks the configuration, the daemon and your permission to control it, inputs, outputs
        and their delivery, saved state, metrics, free space, memory, the clock and the journal.
        Changes nothing. Exits with 1 if there is a problem; advice does not count as one.
        """,
      options: [
        LocalSettings.option, DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option,
      ],
      examples: [
        .init("anomalyctl doctor", "After an installation, or when alarms do not arrive."),
        .init(
          "anomalyctl doctor --json | jq -c 'select(.grade == \"problem\")'",
          "Problems as JSON, one per line."),
      ],
      json: """
        One object per finding: subject, grade (good, advice or problem), found, remedy.
        """,
      exitCodes: LocalSettings.exitCodes
    )
  ) { arguments, console in
    let findings = diagnose(arguments).findings
    if arguments.has("json") {
      try console.write(lines: findings.map { MessageJSON.line($0) })
    } else {
      try console.write(lines: DoctorReport(findings: findings).lines(console))
    }
    let problems = findings.count { $0.grade == .problem }
    if problems > 0 { throw CommandFailure("found \(HumanNumber.counted(problems, "problem"))") }
  }

  private static func diagnose(_ arguments: Arguments) -> Diagnosis {
    let status = Result { () throws(CommandFailure) in
      try DaemonAccess.ask(arguments) { client throws(ControlClientError) in try client.status() }
    }
    var diagnosis = Diagnosis(status: status)
    if case .success = status {
      diagnosis.mayChange = ChangeAuthority.ofHost().permits(PeerCredentials.ofThisProcess)
    }
    do throws(SettingsErrors) {
      let settings = try Settings.load(.all, configuration: arguments.value("config"))
      diagnosis.configurationErrors = settings.refusals.map(\.description)
      diagnosis.configurationFiles = settings.files.compactMap { path in
        changed(path).map { (path, $0) }
      }
      let (need, limits) = (MemoryNeed(settings), MemoryNeed.limitsOfHost())
      diagnosis.memory = (need.explanation(limits), need.exceeded(limits) == nil)
      let path = settings.agent.stateDirectory
      if let use = HostCalls.kernel.filesystemUse(path) {
        let block = Double(use.blockBytes)
        diagnosis.state = (path, Double(use.blocks) * block, Double(use.available) * block)
      }
    } catch {
      diagnosis.configurationErrors = error.lines
    }
    diagnosis.isClockSynchronised = HostCalls.kernel.clockState()?.isSynchronised
    diagnosis.journal = (
      access("/run/systemd/journal/socket", F_OK) == 0, access("/var/log/journal", F_OK) == 0
    )
    return diagnosis
  }

  private static func changed(_ path: String) -> Timestamp? {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    let (seconds, rest) = (Int64(facts.st_mtim.tv_sec), Int64(facts.st_mtim.tv_nsec))
    return Timestamp(nanoseconds: seconds * 1_000_000_000 + rest)
  }
}

/// Findings as text.
package struct DoctorReport {
  package let findings: [Finding]

  package init(findings: [Finding]) {
    self.findings = findings
  }

  /// A finding on one line, with the remedy below.
  package func lines(_ console: Console) -> [String] {
    let width = max(40, console.width ?? 100)
    let column = findings.reduce(0) { max($0, Layout.columns(Layout.printable($1.subject))) }
    return findings.flatMap { finding in
      let subject = Layout.pad(Layout.printable(finding.subject), to: column)
      let mark =
        switch finding.grade {
        case .good: console.style.good("ok ")
        case .advice: console.style.warning("-> ")
        case .problem: console.style.bad("!! ")
        }
      let indent = 3 + column + 2
      let found = Layout.wrap(Layout.printable(finding.found), width: max(20, width - indent))
      let remedy = finding.remedy.map {
        Layout.wrap(Layout.printable($0), width: max(20, width - indent))
      }
      return found.enumerated().map { index, line in
        index == 0 ? "\(mark)\(subject)  \(line)" : Layout.spaces(indent) + line
      } + (remedy ?? []).map { console.style.faint(Layout.spaces(indent) + $0) }
    }
  }
}
