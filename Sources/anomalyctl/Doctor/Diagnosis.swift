import CommandLine
import Config
package import Control
import Monitor
package import Series

/// What one check of `anomalyctl doctor` found.
package struct Finding: Encodable, Equatable, Sendable {
  /// How bad it is.
  package enum Grade: String, Encodable, Sendable {
    /// All is well.
    case good
    /// It works, and could work better.
    case advice
    /// Something does not work as it should.
    case problem
  }

  /// What was checked, in a word or two.
  package var subject: String
  package var grade: Grade
  /// What was found.
  package var found: String
  /// What to do about it; nil where nothing has to be done.
  package var remedy: String?

  package static func good(_ subject: String, _ found: String) -> Finding {
    Finding(subject: subject, grade: .good, found: found)
  }

  package static func advice(_ subject: String, _ found: String, _ remedy: String) -> Finding {
    Finding(subject: subject, grade: .advice, found: found, remedy: remedy)
  }

  package static func problem(_ subject: String, _ found: String, _ remedy: String) -> Finding {
    Finding(subject: subject, grade: .problem, found: found, remedy: remedy)
  }
}

/// What `anomalyctl doctor` looks at, and what follows from it.
package struct Diagnosis {
  /// The configuration: what is wrong with it.
  package var configurationErrors: [String] = []
  /// The files of the configuration, and when each was last changed.
  package var configurationFiles: [(path: String, changed: Timestamp)] = []
  /// What the daemon answered, or why it did not, with advice.
  package var status: Result<StatusReply, CommandFailure>
  /// Whether the caller may change something; nil without a daemon.
  package var mayChange: Bool?
  /// The memory that the configuration can take, and a warning if there is less; nil if the configuration
  /// is invalid.
  package var memory: String?
  /// The state directory, and its filesystem: bytes in all and available; nil if it is not known.
  package var state: (path: String, bytes: Double, available: Double)?
  /// Whether the kernel's clock is disciplined; nil if that is not known.
  package var isClockSynchronised: Bool?
  /// Whether journald listens here, and whether it keeps its journal over a reboot.
  package var journal: (listens: Bool, persistent: Bool) = (true, true)

  package init(status: Result<StatusReply, CommandFailure>) {
    self.status = status
  }

  /// All findings, in the order of the checks.
  package var findings: [Finding] {
    var findings = configuration
    switch status {
    case .failure(let failure):
      let lines = failure.message.split(separator: "\n", maxSplits: 1)
      findings.append(
        .problem(
          "daemon", String(lines.first ?? "no answer"),
          lines.dropFirst().first.map(String.init) ?? "see 'journalctl -u anomalyd'"))
    case .success(let reply):
      findings += [daemon(reply), access].compactMap(\.self) + inputs(reply) + outputs(reply)
      findings += saved(reply) + metrics(reply)
    }
    return findings + [disk, memoryFinding, clock].compactMap(\.self) + journalFindings
  }

  private var configuration: [Finding] {
    if !configurationErrors.isEmpty {
      return configurationErrors.map {
        .problem("configuration", $0, "correct it, then 'systemctl reload-or-restart anomalyd'")
      }
    }
    let files = configurationFiles.map(\.path)
    if case .success(let reply) = status,
      let changed = configurationFiles.first(where: { $0.changed > reply.configuration.loaded })
    {
      return [
        .advice(
          "configuration", "\(changed.path) was changed after the daemon had read it",
          "'systemctl reload anomalyd' applies it")
      ]
    }
    return [
      .good(
        "configuration",
        files.isEmpty ? "valid: no file, defaults" : "valid: \(files.joined(separator: ", "))")
    ]
  }

  private func daemon(_ reply: StatusReply) -> Finding {
    let up = Phrases.span(max(0, reply.now.seconds - reply.started.seconds))
    guard reply.version == Product.version else {
      return .advice(
        "daemon", "version \(reply.version) runs, this is anomalyctl \(Product.version)",
        "'systemctl restart anomalyd' runs the installed version; its state is kept")
    }
    if let reload = reply.configuration.lastReload, !reload.succeeded {
      return .problem(
        "daemon",
        "the last reload failed, the previous configuration is in force: "
          + (reload.errors.first ?? "no reason is known"),
        "correct it, then 'systemctl reload anomalyd'")
    }
    return .good("daemon", "anomalyd \(reply.version), pid \(reply.pid), up \(up)")
  }

  private var access: Finding? {
    mayChange.map {
      $0
        ? .good("access", "you may read, and change silences, feedback and models")
        : .advice(
          "access", "you may read, but change nothing",
          "'sudo usermod -aG \(ChangeAuthority.groupName) NAME' permits changes")
    }
  }

  private func inputs(_ reply: StatusReply) -> [Finding] {
    let problems = reply.inputs.compactMap { input in
      InputsReport.problem(input, now: reply.now).map {
        Finding.problem(
          "input \(input.name)", $0, "'anomalyctl inputs test \(input.name)' tries it")
      }
    }
    let malformed = reply.inputs.filter { $0.malformed > 0 && $0.state == .ok }.map {
      Finding.advice(
        "input \($0.name)",
        "\(HumanNumber.counted($0.malformed, "line")) malformed so far: "
          + ($0.lastError ?? "the reason is in the log"),
        "'anomalyctl inputs test \($0.name)' shows how lines are read")
    }
    let working = reply.inputs.count - problems.count
    return
      (working > 0
      ? [.good("inputs", "\(working) of \(reply.inputs.count) deliver or wait for data")] : [])
      + problems + malformed
  }

  private func outputs(_ reply: StatusReply) -> [Finding] {
    var findings: [Finding] = []
    for output in reply.outputs {
      let subject = "output \(output.name)"
      let test = "'anomalyctl outputs test \(output.name)' sends a test message"
      if !output.healthy {
        findings.append(.problem(subject, output.lastError ?? "not working", test))
      }
      guard let delivery = output.delivery else { continue }
      if let stopped = delivery.stopped {
        findings.append(.problem(subject, "nothing is sent: \(stopped)", test))
      } else if delivery.waiting > 0, delivery.attempts == 0 {
        findings.append(
          .problem(
            subject,
            "\(HumanNumber.counted(delivery.waiting, "message")) wait and none was ever sent",
            "'systemctl enable --now anomalyd-webhook.path' starts the delivery"))
      } else if delivery.retryAt != nil {
        findings.append(
          .problem(
            subject,
            "\(HumanNumber.counted(delivery.waiting, "message")) wait after failures: "
              + (delivery.lastAnswer ?? "no answer"), test))
      }
      if delivery.kept > 0 {
        findings.append(
          .problem(
            subject,
            "\(HumanNumber.counted(delivery.kept, "message")) were rejected by the endpoint",
            "'anomalyctl outputs' shows its answer"))
      }
    }
    if reply.outputs.isEmpty {
      findings.append(.problem("outputs", "there are none", "add an [Output] section"))
    } else if findings.isEmpty {
      let names = reply.outputs.map(\.name).joined(separator: ", ")
      findings.append(.good("outputs", "\(names) work"))
      if !reply.outputs.contains(where: { $0.type == "webhook" }) {
        findings.append(
          .advice(
            "outputs", "nobody is notified outside this host",
            "an [Output] with Type=webhook pages people, see anomalyd.conf(5)"))
      }
    }
    return findings
  }

  private func saved(_ reply: StatusReply) -> [Finding] {
    guard let checkpoint = reply.checkpoint else {
      return [
        .advice(
          "state", "not kept: everything is learnt again after a restart",
          "set StateDirectory= in [Agent]")
      ]
    }
    var findings: [Finding] = []
    if let error = checkpoint.lastError {
      findings.append(
        .problem("state", "the last checkpoint failed: \(error)", "make room or mend the directory")
      )
    }
    if let lost = checkpoint.restored?.lost, lost > 0 {
      findings.append(
        .advice(
          "state", "\(HumanNumber.counted(lost, "part")) could not be used and started afresh",
          "'anomalyctl status' names the first; it is learnt again"))
    }
    if let error = reply.record?.lastError {
      findings.append(
        .problem(
          "event history", "it cannot be written: \(error)", "make room or mend the directory"))
    }
    return findings.isEmpty
      ? [
        .good(
          "state",
          checkpoint.lastAt.map { "saved \(Phrases.ago($0, now: reply.now))" }
            ?? "kept, not saved yet")
      ] : findings
  }

  private func metrics(_ reply: StatusReply) -> [Finding] {
    let counts = reply.metrics
    if counts.refused > 0 {
      return [
        .problem(
          "metrics", "the table of \(HumanNumber.count(counts.limit)) is full",
          "raise MaximumMetrics=, or select fewer metrics")
      ]
    }
    if counts.registered == 0 {
      return [
        .problem("metrics", "there are none", "'anomalyctl inputs' shows what each input delivers")
      ]
    }
    if counts.warming > 0, counts.normal + counts.anomalous == 0 {
      let ready = counts.firstReady.map { " in \(HumanNumber.minutes(.seconds($0)))" } ?? " later"
      return [
        .advice(
          "metrics", "all warm up: the first alarms are possible\(ready)",
          "until then only limits alarm; 'anomalyctl models import' brings what another host has learnt"
        )
      ]
    }
    return [
      .good(
        "metrics",
        "\(HumanNumber.count(counts.normal + counts.anomalous)) judged, "
          + "\(HumanNumber.count(counts.warming)) warming up")
    ]
  }

  private var disk: Finding? {
    guard let state, state.bytes > 0 else { return nil }
    let left = HumanNumber.bytes(Int(state.available))
    return state.available < 64e6 || state.available < 0.02 * state.bytes
      ? .problem("disk", "\(left) left for \(state.path)", "make room: events and state go there")
      : .good("disk", "\(left) left for \(state.path)")
  }

  private var memoryFinding: Finding? {
    guard let memory else { return nil }
    return memory.hasPrefix("warning")
      ? .advice("memory", memory, "lower MaximumMetrics= or HistorySamples=, or raise MemoryMax=")
      : .good("memory", String(memory.trimmingPrefix("memory: ")))
  }

  private var clock: Finding? {
    isClockSynchronised.map {
      $0
        ? .good("clock", "synchronised")
        : .advice(
          "clock", "not synchronised: times of events may be wrong",
          "run systemd-timesyncd, chrony or ntpd")
    }
  }

  private var journalFindings: [Finding] {
    guard journal.listens else {
      return [
        .problem("journal", "journald does not listen here", "outputs with Type=journal need it")
      ]
    }
    return journal.persistent
      ? [.good("journal", "kept over a reboot")]
      : [
        .advice(
          "journal", "lost at a reboot: there is no /var/log/journal",
          "'mkdir /var/log/journal' and restart systemd-journald; 'anomalyctl events' keeps its own"
        )
      ]
  }
}
