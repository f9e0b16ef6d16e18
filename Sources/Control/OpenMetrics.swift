import Events
import Monitor
import Series

/// Metrics about the daemon itself for Prometheus and compatible systems.
public struct OpenMetrics {
  /// The text format.
  public enum Dialect: Sendable {
    /// OpenMetrics 1.0.0, with units and an end marker.
    case openMetrics
    /// Prometheus's text format 0.0.4, which node_exporter's textfile collector reads.
    case prometheus
  }

  private(set) var families: [MetricFamily] = []

  /// The metrics of a daemon.
  /// - Parameters:
  ///   - status: its status.
  ///   - metrics: monitored metrics that get four series each.
  public init(_ status: StatusReply, metrics: [MetricSummary] = []) {
    addDaemon(status)
    addProblems(status)
    addInputs(status)
    addOutputs(status)
    addEvents(status)
    addState(status)
    addMetrics(metrics)
  }

  /// The text, each line terminated.
  public func text(_ dialect: Dialect) -> String {
    families.filter { !$0.samples.isEmpty }.map { $0.text(dialect) }.joined()
      + (dialect == .openMetrics ? "# EOF\n" : "")
  }

  // MARK: Creating families

  private mutating func add(
    _ kind: MetricFamily.Kind, _ name: String, unit: String? = nil, _ help: String,
    _ samples: [MetricFamily.Sample]
  ) {
    families.append(
      MetricFamily(kind: kind, name: "anomalyd_" + name, unit: unit, help: help, samples: samples))
  }

  private mutating func add(
    _ kind: MetricFamily.Kind, _ name: String, unit: String? = nil, _ help: String, _ value: Double?
  ) {
    add(kind, name, unit: unit, help, value.map { [.init($0)] } ?? [])
  }

  private mutating func addDaemon(_ status: StatusReply) {
    let (resources, configuration) = (status.resources, status.configuration)
    add(.info, "build", "The daemon's version.", [.init(1, [("version", status.version)])])
    add(
      .gauge, "start_time_seconds", unit: "seconds", "Start time, since 1970.",
      status.started.seconds)
    add(
      .gauge, "resident_memory_bytes", unit: "bytes", "Resident memory of the process.",
      Double(resources.residentBytes))
    add(
      .counter, "cpu_seconds", unit: "seconds", "CPU time of the process.",
      resources.cpuSeconds)
    add(.counter, "samples", "Samples processed.", Double(resources.samples))
    add(
      .counter, "detector_seconds", unit: "seconds", "Time spent on samples.",
      resources.nanosecondsPerSample.map { $0 * Double(resources.samples) * 1e-9 } ?? 0)
    add(
      .gauge, "config_last_reload_successful", "Whether the last reload succeeded.",
      configuration.lastReload?.succeeded ?? true ? 1 : 0)
    add(
      .gauge, "config_last_reload_success_timestamp_seconds", unit: "seconds",
      "When the current configuration was read, since 1970.", configuration.loaded.seconds)
    let control = status.control
    add(.gauge, "control_clients", "Clients of the control socket.", Double(control.clients))
    add(.counter, "control_calls", "Calls on the control socket.", Double(control.calls))
    add(
      .counter, "control_errors", "Calls answered with an error.",
      Double(control.errors))
  }

  private mutating func addProblems(_ status: StatusReply) {
    let problems = status.currentProblems
    add(
      .gauge, "problems", "Problems of the daemon: what 'anomalyctl status' lists.",
      Double(problems.count))
    add(
      .gauge, "problem", "A problem of the daemon, by what is affected; absent when it is over.",
      problems.map { .init(1, [("kind", $0.kind.rawValue), ("subject", $0.subject)]) })
  }

  private mutating func addInputs(_ status: StatusReply) {
    func samples(_ value: (InputStatus) -> Double?) -> [MetricFamily.Sample] {
      status.inputs.compactMap { input in
        value(input).map { .init($0, [("input", input.name), ("type", input.type)]) }
      }
    }
    add(
      .gauge, "input_up", "Whether the input works, in full or in part.",
      samples { $0.state == .failing ? 0 : 1 })
    add(.counter, "input_samples", "Samples delivered.", samples { Double($0.samples) })
    add(
      .counter, "input_malformed", "Malformed lines, rows or files.",
      samples { Double($0.malformed) })
    add(
      .counter, "input_gaps", "Values that were missing or not finite.",
      samples { Double($0.gaps) })
    add(
      .counter, "input_refused", "Samples dropped because the table of metrics was full.",
      samples { Double($0.refused) })
    add(
      .counter, "input_dropped", "Data lost before it could be read.",
      samples { Double($0.dropped) })
    add(
      .gauge, "input_last_sample_timestamp_seconds", unit: "seconds",
      "Time stamp of the latest sample, since 1970.", samples { $0.lastSampleAt?.seconds })
    add(
      .gauge, "input_last_sample_age_seconds", unit: "seconds",
      "Age of the latest sample, by the daemon's clock.", samples { $0.lastSampleAge })
    add(
      .gauge, "input_lag_bytes", unit: "bytes", "Available bytes that are not read yet.",
      samples { $0.lagBytes.map(Double.init) })
  }

  private mutating func addOutputs(_ status: StatusReply) {
    func samples(_ value: (OutputStatus) -> Double) -> [MetricFamily.Sample] {
      status.outputs.map { .init(value($0), [("output", $0.name), ("type", $0.type)]) }
    }
    add(.gauge, "output_up", "Whether the output works.", samples { $0.healthy ? 1 : 0 })
    add(
      .counter, "output_delivered", "Event steps delivered.",
      samples { Double($0.emitted) })
    add(.counter, "output_failures", "Attempts that failed.", samples { Double($0.failed) })
    add(.gauge, "output_waiting", "Event steps waiting.", samples { Double($0.queued) })
    add(.counter, "output_dropped", "Event steps dropped.", samples { Double($0.dropped) })
  }

  private mutating func addEvents(_ status: StatusReply) {
    add(
      .gauge, "incidents_open", "Incidents that outputs were notified of and that are not over.",
      Double(status.openIncidentCount))
    add(
      .counter, "incidents", "Incident steps that outputs were notified of.",
      status.incidentSteps.flatMap { counts in
        [("opened", counts.opened), ("worsened", counts.worsened), ("closed", counts.closed)].map {
          .init(Double($0.1), [("severity", counts.severity.name), ("step", $0.0)])
        }
      })
    add(.gauge, "events_open", "Open events.", Double(status.openEventCount))
    add(
      .counter, "events", "Event steps that outputs were notified of.",
      status.events.flatMap { counts in
        [("opened", counts.opened), ("updated", counts.updated), ("closed", counts.closed)].map {
          .init(Double($0.1), [("severity", counts.severity.name), ("step", $0.0)])
        }
      })
    add(
      .counter, "events_silenced", "Event steps muted by silences.",
      status.events.map { .init(Double($0.silenced), [("severity", $0.severity.name)]) })
    add(.gauge, "silences_active", "Active silences.", Double(status.silences.count))
    let kept = status.learningSnapshots
    add(
      .gauge, "silence_memory_bytes", unit: "bytes",
      "Memory of detector snapshots kept during silences.", Double(kept.bytes))
    add(
      .gauge, "silence_memory_refused_metrics",
      "Metrics that keep learning during a silence for lack of memory.", Double(kept.refused))
    add(
      .gauge, "alarm_budget_overdraft",
      "Alarms over the host's budget that have not been paid "
        + "back yet.",
      status.budget?.overdraft)
  }

  private mutating func addState(_ status: StatusReply) {
    let counts = status.metrics
    add(
      .gauge, "metrics", "Watched metrics.",
      [
        ("warming", counts.warming), ("normal", counts.normal), ("anomalous", counts.anomalous),
        ("shown", counts.shown),
      ].map {
        .init(Double($0.1), [("state", $0.0)])
      })
    add(.gauge, "metrics_limit", "Maximum number of watched metrics.", Double(counts.limit))
    add(
      .gauge, "metrics_silent", "Metrics without a sample for much longer than usual.",
      Double(counts.silent))
    add(
      .counter, "metrics_refused", "Requests for a new metric while the table was full.",
      Double(counts.refused))
    guard let checkpoint = status.checkpoint else { return }
    add(
      .gauge, "checkpoint_successful", "Whether the last attempt to save the state succeeded.",
      checkpoint.lastError == nil ? 1 : 0)
    guard let last = checkpoint.lastAt else { return }
    add(
      .gauge, "checkpoint_timestamp_seconds", unit: "seconds",
      "When the state was last saved, since 1970.", last.seconds)
    add(
      .gauge, "checkpoint_age_seconds", unit: "seconds", "Age of the last checkpoint.",
      max(0, status.now.seconds - last.seconds))
    add(
      .gauge, "checkpoint_size_bytes", unit: "bytes", "Size of the last checkpoint.",
      Double(checkpoint.bytes))
    add(
      .gauge, "checkpoint_duration_seconds", unit: "seconds",
      "Time spent writing the last checkpoint.",
      checkpoint.milliseconds / 1000)
  }

  private mutating func addMetrics(_ metrics: [MetricSummary]) {
    func samples(_ value: (MetricSummary) -> Double?) -> [MetricFamily.Sample] {
      metrics.compactMap { metric in value(metric).map { .init($0, [("metric", metric.name)]) } }
    }
    add(
      .gauge, "metric_anomalous", "Whether the metric has an open event.",
      samples { $0.state == .anomalous ? 1 : 0 })
    add(
      .gauge, "metric_score",
      "Rarity of the latest sample: log10 of the number of normal samples per alarm at that score.",
      samples { $0.score })
    add(.gauge, "metric_value", "The latest value, in its own unit.", samples { $0.value })
    add(.gauge, "metric_expected", "The expected value.", samples { $0.expected })
  }
}
