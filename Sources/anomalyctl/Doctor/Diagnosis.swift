import CommandLine
import Config
package import Control
import Monitor
package import Series

/// The result of one check of `anomalyctl doctor`.
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

  /// A word or two on what was checked.
  package var subject: String
  package var grade: Grade
  /// What was found.
  package var found: String
  /// What to do about it; nil if nothing is necessary.
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

extension Finding {
  /// A problem that the daemon lists.
  fileprivate init(_ problem: Problem) {
    self.init(
      subject: problem.subject,
      // State lost at a start is learnt again.
      grade: problem.kind == .restore ? .advice : .problem, found: problem.sentence,
      remedy: problem.remedy)
  }
}

/// The data that `anomalyctl doctor` examines, and its conclusions.
package struct Diagnosis {
  /// The errors in the configuration.
  package var configurationErrors: [String] = []
  /// The files of the configuration, and when each was last changed.
  package var configurationFiles: [(path: String, changed: Timestamp)] = []
  /// The daemon's reply, or why there was none, with advice.
  package var status: Result<StatusReply, CommandFailure>
  /// Whether the caller may change something; nil without a daemon.
  package var mayChange: Bool?
  /// The memory that the configuration can need, and whether it is available; nil if the
  /// configuration is invalid.
  package var memory: (need: String, isEnough: Bool)?
  /// The state directory, and its filesystem: total and available bytes; nil if unknown.
  package var state: (path: String, bytes: Double, available: Double)?
  /// Whether the kernel's clock is disciplined; nil if unknown.
  package var isClockSynchronised: Bool?
  /// Whether journald listens here, and whether its journal persists across reboots.
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
      let problems = reply.currentProblems
      findings += [daemon(reply), access].compactMap(\.self)
      findings += problems.map(Finding.init)
      findings += inputs(reply, problems) + outputs(reply, problems)
      findings += saved(reply, problems) + metrics(reply, problems)
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
          "configuration", "\(changed.path) has changed since the daemon read it",
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
        "'systemctl restart anomalyd' starts the installed version; state is preserved")
    }
    return .good("daemon", "anomalyd \(reply.version), pid \(reply.pid), up \(up)")
  }

  private var access: Finding? {
    mayChange.map {
      $0
        ? .good("access", "you may read, and may change silences, feedback and models")
        : .advice(
          "access", "you may read, but change nothing",
          "'sudo usermod -aG \(ChangeAuthority.groupName) NAME' grants permission for changes")
    }
  }

  private func inputs(_ reply: StatusReply, _ problems: [Problem]) -> [Finding] {
    let malformed = reply.inputs.filter { $0.malformed > 0 && $0.state == .ok }.map {
      Finding.advice(
        "input \($0.name)",
        "\(HumanNumber.counted($0.malformed, "line")) malformed so far: "
          + ($0.lastError ?? "the reason is in the log"),
        "'anomalyctl inputs test \($0.name)' shows how lines are read")
    }
    let working = reply.inputs.count - problems.count { $0.kind == .input }
    return
      (working > 0
      ? [.good("inputs", "\(working) of \(reply.inputs.count) deliver or wait for data")] : [])
      + malformed
  }

  private func outputs(_ reply: StatusReply, _ problems: [Problem]) -> [Finding] {
    guard !reply.outputs.isEmpty else {
      return [.problem("outputs", "there are none", "add an [Output] section")]
    }
    // The daemon waits for some time before it lists these as a problem.
    let unsent = reply.outputs.compactMap { output -> Finding? in
      guard output.healthy, let delivery = output.delivery, delivery.waiting > 0,
        delivery.attempts == 0
      else { return nil }
      return .problem(
        "output \(output.name)",
        "\(HumanNumber.counted(delivery.waiting, "message")) waiting, and none has ever been sent",
        "'systemctl enable --now anomalyd-webhook.path' starts delivery")
    }
    guard unsent.isEmpty, !problems.contains(where: { $0.kind == .output }) else { return unsent }
    let names = reply.outputs.map(\.name).joined(separator: ", ")
    let good = Finding.good("outputs", "\(names) work")
    guard !reply.outputs.contains(where: { $0.type == "webhook" }) else { return [good] }
    return [
      good,
      .advice(
        "outputs", "nobody outside this host is notified",
        "add an [Output] with Type=webhook to notify people, see anomalyd.conf(5)"),
    ]
  }

  private func saved(_ reply: StatusReply, _ problems: [Problem]) -> [Finding] {
    guard let checkpoint = reply.checkpoint else {
      return [
        .advice(
          "state", "not saved: everything is learnt again after a restart",
          "set StateDirectory= in [Agent]")
      ]
    }
    guard !problems.contains(where: { [.state, .history, .restore].contains($0.kind) }) else {
      return []
    }
    return [
      .good(
        "state",
        checkpoint.lastAt.map { "saved \(Phrases.ago($0, now: reply.now))" }
          ?? "not saved yet")
    ]
  }

  private func metrics(_ reply: StatusReply, _ problems: [Problem]) -> [Finding] {
    let counts = reply.metrics
    guard !problems.contains(where: { $0.kind == .metrics }) else { return [] }
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
          "until then, only limits alarm; 'anomalyctl models import' loads what another host has "
            + "learnt"
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
      ? .problem(
        "disk", "\(left) left for \(state.path)",
        "free some space: events and state are "
          + "stored there")
      : .good("disk", "\(left) left for \(state.path)")
  }

  private var memoryFinding: Finding? {
    memory.map {
      $0.isEnough
        ? .good("memory", $0.need)
        : .advice(
          "memory", $0.need, "lower MaximumMetrics= or HistorySamples=, or raise MemoryMax=")
    }
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
        .problem("journal", "journald is not listening", "outputs with Type=journal need it")
      ]
    }
    return journal.persistent
      ? [.good("journal", "kept across reboots")]
      : [
        .advice(
          "journal", "lost at a reboot: there is no /var/log/journal",
          "'mkdir /var/log/journal' and restart systemd-journald; 'anomalyctl events' has its own "
            + "history"
        )
      ]
  }
}
