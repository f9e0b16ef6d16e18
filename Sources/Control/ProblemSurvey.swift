import Series

/// Derives the list of problems from the status of the daemon's parts.
public struct ProblemSurvey {
  private var inputs: [InputStatus]
  private var outputs: [OutputStatus]
  private var models: [AttachedModelStatus]
  private var configuration: ConfigurationStatus
  private var metrics: MetricCounts
  private var budget: BudgetStatus?
  private var control: ControlStatus
  private var learningSnapshots: KeptLearningStatus
  private var textfile: TextfileStatus?
  private var record: RecordStatus?
  private var checkpoint: CheckpointStatus?

  /// Unread bytes of an input above which it lags.
  public static let lagBytes = 1 << 20
  /// The overdraft in alarms above which thresholds are raised by about a decade.
  private static let largeOverdraft = 8.0

  /// Surveys these parts.
  public init(
    inputs: [InputStatus], outputs: [OutputStatus], models: [AttachedModelStatus],
    configuration: ConfigurationStatus, metrics: MetricCounts, budget: BudgetStatus?,
    control: ControlStatus, learningSnapshots: KeptLearningStatus, textfile: TextfileStatus?,
    record: RecordStatus?, checkpoint: CheckpointStatus?
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.models = models
    self.configuration = configuration
    self.metrics = metrics
    self.budget = budget
    self.control = control
    self.learningSnapshots = learningSnapshots
    self.textfile = textfile
    self.record = record
    self.checkpoint = checkpoint
  }

  /// Surveys a whole status.
  public init(_ status: StatusReply) {
    self.init(
      inputs: status.inputs, outputs: status.outputs, models: status.models ?? [],
      configuration: status.configuration, metrics: status.metrics, budget: status.budget,
      control: status.control, learningSnapshots: status.learningSnapshots,
      textfile: status.textfile, record: status.record, checkpoint: status.checkpoint)
  }

  /// The problems, ordered along the path from inputs to saved state.
  public var problems: [Problem] {
    inputs.flatMap(\.problems) + models.compactMap(\.problem) + outputs.flatMap(\.problems)
      + [reload, table, overdraft, rejectedClients, learning, metricsFile].compactMap(\.self)
      + history + [unsaved, unrestored].compactMap(\.self)
  }

  private var reload: Problem? {
    guard let reload = configuration.lastReload, !reload.succeeded else { return nil }
    let more = reload.errors.count - 1
    return Problem(
      .configuration, "daemon",
      "the last reload failed, the previous configuration is in force: "
        + (reload.errors.first ?? "no reason is known")
        + (more > 0 ? " (and \(HumanNumber.count(more)) more)" : ""),
      remedy: "correct it, then 'systemctl reload anomalyd'")
  }

  private var table: Problem? {
    guard metrics.refused > 0 else { return nil }
    return Problem(
      .metrics, "metrics",
      "the table of \(HumanNumber.count(metrics.limit)) (MaximumMetrics=) is full, new metrics are "
        + "not watched",
      remedy: "raise MaximumMetrics=, or select fewer metrics", count: metrics.refused)
  }

  private var overdraft: Problem? {
    guard let budget, budget.overdraft >= ProblemSurvey.largeOverdraft else { return nil }
    return Problem(
      .budget, "alarm budget",
      "far overdrawn: until the debt is paid back, thresholds are raised and minor anomalies go "
        + "unreported",
      remedy: "'anomalyctl feedback' on false alarms, or a larger AlarmBudget=")
  }

  private var rejectedClients: Problem? {
    guard control.turnedAway > 0 else { return nil }
    return Problem(
      .control, "control socket", "rejects clients because too many are connected",
      remedy: "'ss -xp' shows who is connected", count: control.turnedAway)
  }

  private var learning: Problem? {
    guard learningSnapshots.refused > 0 else { return nil }
    return Problem(
      .silences, "silences",
      "metrics keep learning despite a silence with SuppressLearning=: SilenceMemory= is exhausted",
      remedy: "raise SilenceMemory= in [Agent]")
  }

  private var metricsFile: Problem? {
    guard let error = textfile?.lastError else { return nil }
    return Problem(
      .textfile, "TextfileMetrics=", error, remedy: "free some space, or repair its directory")
  }

  private var history: [Problem] {
    guard let record else { return [] }
    var problems: [Problem] = []
    if let error = record.lastError {
      problems.append(
        Problem(
          .history, "event history",
          "it cannot be written: \(error); entries wait in memory and are written later, outputs are "
            + "notified at once", remedy: "free some space, or repair the state directory"))
    }
    if record.dropped > 0 {
      problems.append(
        Problem(
          .loss, "event history", "has dropped entries because too many were waiting",
          remedy: "free some space, or repair the state directory", count: record.dropped))
    }
    return problems
  }

  private var unsaved: Problem? {
    guard let error = checkpoint?.lastError else { return nil }
    return Problem(
      .state, "state",
      "the state could not be saved: \(error); the last good checkpoint is kept, another attempt is "
        + "made at the next one", remedy: "free some space, or repair the state directory")
  }

  private var unrestored: Problem? {
    guard let restored = checkpoint?.restored else { return nil }
    var parts: [String] = []
    if let fallback = restored.fallback { parts.append(fallback) }
    if restored.lost > 0 {
      parts.append(
        "\(HumanNumber.count(restored.lost)) \(restored.lost == 1 ? "part" : "parts") of it could "
          + "not be used and started from scratch, the first: \(restored.firstLost ?? "not known")")
    }
    guard !parts.isEmpty else { return nil }
    return Problem(
      .restore, "saved state", parts.joined(separator: "; "),
      remedy: "no action needed if that was expected: what was lost is learnt again")
  }
}

extension StatusReply {
  /// The problems listed by the daemon; derived here for a daemon that lists none.
  public var currentProblems: [Problem] { problems ?? ProblemSurvey(self).problems }
}

extension InputStatus {
  /// What is wrong with it now; nil if it works.
  public var fault: String? {
    let error = lastError ?? "not working"
    switch state {
    case .ok: return nil
    case .degraded: return "partly failing: \(error)"
    case .failing: return error
    case .silent:
      let limit = stallAfter.map { " for longer than \(HumanNumber.duration(seconds: $0))" } ?? ""
      return "has delivered nothing\(limit) (StallAfter=)"
        + (lastError.map { "; last error: \($0)" } ?? "")
    }
  }

  fileprivate var problems: [Problem] {
    let subject = "input \(name)"
    var problems: [Problem] = []
    if let fault {
      problems.append(
        Problem(.input, subject, fault, remedy: "test it with 'anomalyctl inputs test \(name)'"))
    }
    if let lagBytes, lagBytes > ProblemSurvey.lagBytes {
      problems.append(
        Problem(
          .lag, subject,
          "more than \(HumanNumber.bytes(ProblemSurvey.lagBytes)) are waiting to be read",
          remedy: "give anomalyd.service more processor time, or reduce the data rate"))
    }
    if dropped > 0 {
      problems.append(
        Problem(
          .loss, subject, "drops data that exceeds its senders' limits",
          remedy: "'anomalyctl inputs' shows the latest reason; send less, or raise the limit",
          count: dropped))
    }
    return problems
  }
}

extension OutputStatus {
  fileprivate var problems: [Problem] {
    let subject = "output \(name)"
    let test = "'anomalyctl outputs test \(name)' sends a test message"
    var problems: [Problem] = []
    if !healthy {
      let fault = lastError ?? "not working"
      problems.append(
        Problem(
          .output, subject, fault + (queued > 0 ? "; events wait and are delivered later" : ""),
          remedy: test))
    }
    if let kept = delivery?.kept, kept > 0 {
      problems.append(
        Problem(
          .output, "endpoint of \(subject)",
          "has rejected messages, which are kept", remedy: "'anomalyctl outputs' shows its answer",
          count: kept))
    }
    if dropped > 0 {
      problems.append(
        Problem(
          .loss, subject, "has dropped events because too many were waiting or they were too old",
          remedy: test, count: dropped))
    }
    return problems
  }
}

extension AttachedModelStatus {
  /// What is wrong with it; nil: nothing.
  fileprivate var problem: Problem? {
    var faults: [String] = []
    let unknown = columns.filter { $0.metric == nil }
    if rows > 0, !unknown.isEmpty {
      faults.append(
        "no metric matches " + unknown.map(\.name).joined(separator: ", ") + ": a gap in each row")
    }
    for column in columns where column.isMissing {
      if let metric = column.metric { faults.append("\(metric) is missing: a gap in each row") }
    }
    if let interval, let trainedInterval,
      interval > trainedInterval * 1.5 || trainedInterval > interval * 1.5
    {
      faults.append(
        "a row every \(HumanNumber.duration(seconds: interval)), but it was trained on one every "
          + "\(HumanNumber.duration(seconds: trainedInterval)): its forecasts are unreliable")
    }
    if let rowSeconds, let between = interval ?? trainedInterval,
      rowSeconds > AttachedModelStatus.largestShare * between
    {
      faults.append(
        "judging a row takes \(HumanNumber.duration(seconds: rowSeconds)), "
          + "\(HumanNumber.percent(rowSeconds / between)) of the time between two, which blocks "
          + "everything else: use fewer units or a shorter window")
    }
    guard !faults.isEmpty else { return nil }
    return Problem(
      .model, "model \(name)", faults.joined(separator: "; "),
      remedy: "see Metrics= of [Model \(name)]")
  }
}
