import Series

/// What the daemon says about itself as metrics for Prometheus and its kin.
public struct OpenMetrics {
  /// How it is written.
  public enum Dialect: Sendable {
    /// OpenMetrics 1.0.0, with units and the end marked.
    case openMetrics
    /// Prometheus's text format 0.0.4, which node_exporter's textfile collector reads.
    case prometheus
  }

  private(set) var families: [MetricFamily] = []

  /// The metrics of a daemon.
  /// - Parameters:
  ///   - status: how it is.
  ///   - metrics: the watched metrics that get series of their own: four each.
  public init(_ status: StatusReply, metrics: [MetricSummary] = []) {
    addDaemon(status)
    addInputs(status)
    addOutputs(status)
    addEvents(status)
    addState(status)
    addMetrics(metrics)
  }

  /// The text, each line ended.
  public func text(_ dialect: Dialect) -> String {
    families.filter { !$0.samples.isEmpty }.map { $0.text(dialect) }.joined()
      + (dialect == .openMetrics ? "# EOF\n" : "")
  }

  // MARK: Making families

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
      .gauge, "start_time_seconds", unit: "seconds", "When it started, since 1970.",
      status.started.seconds)
    add(
      .gauge, "resident_memory_bytes", unit: "bytes", "Memory of the process that is resident.",
      Double(resources.residentBytes))
    add(
      .counter, "cpu_seconds", unit: "seconds", "Processor time of the process.",
      resources.cpuSeconds)
    add(.counter, "samples", "Samples taken.", Double(resources.samples))
    add(
      .counter, "detector_seconds", unit: "seconds", "Time that went into samples.",
      resources.nanosecondsPerSample.map { $0 * Double(resources.samples) * 1e-9 } ?? 0)
    add(
      .gauge, "config_last_reload_successful", "Whether the configuration last read is in force.",
      configuration.lastReload?.succeeded ?? true ? 1 : 0)
    add(
      .gauge, "config_last_reload_success_timestamp_seconds", unit: "seconds",
      "When the configuration in force was read, since 1970.", configuration.loaded.seconds)
    let control = status.control
    add(.gauge, "control_clients", "Clients of the control socket.", Double(control.clients))
    add(.counter, "control_calls", "Calls on the control socket.", Double(control.calls))
    add(
      .counter, "control_errors", "Calls that were answered with an error.",
      Double(control.errors))
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
      .counter, "input_malformed", "Lines, rows or files that could not be understood.",
      samples { Double($0.malformed) })
    add(
      .counter, "input_gaps", "Values that were missing or not finite.",
      samples { Double($0.gaps) })
    add(
      .counter, "input_refused", "Samples dropped as the table of metrics was full.",
      samples { Double($0.refused) })
    add(
      .counter, "input_dropped", "What was lost before it could be read.",
      samples { Double($0.dropped) })
    add(
      .gauge, "input_last_sample_timestamp_seconds", unit: "seconds",
      "Time stamp of the newest sample, since 1970.", samples { $0.lastSampleAt?.seconds })
    add(
      .gauge, "input_last_sample_age_seconds", unit: "seconds",
      "How long ago that is, by the daemon's clock.", samples { $0.lastSampleAge })
    add(
      .gauge, "input_lag_bytes", unit: "bytes", "What lies ready and is not read yet.",
      samples { $0.lagBytes.map(Double.init) })
  }

  private mutating func addOutputs(_ status: StatusReply) {
    func samples(_ value: (OutputStatus) -> Double) -> [MetricFamily.Sample] {
      status.outputs.map { .init(value($0), [("output", $0.name), ("type", $0.type)]) }
    }
    add(.gauge, "output_up", "Whether the output works.", samples { $0.healthy ? 1 : 0 })
    add(
      .counter, "output_delivered", "Steps in the life of events delivered.",
      samples { Double($0.emitted) })
    add(.counter, "output_failures", "Attempts that failed.", samples { Double($0.failed) })
    add(.gauge, "output_waiting", "Steps that wait.", samples { Double($0.queued) })
    add(.counter, "output_dropped", "Steps given up.", samples { Double($0.dropped) })
  }

  private mutating func addEvents(_ status: StatusReply) {
    add(.gauge, "events_open", "Events that are open.", Double(status.openEventCount))
    add(
      .counter, "events", "Steps in the life of events that outputs were told of.",
      status.events.flatMap { counts in
        [("opened", counts.opened), ("updated", counts.updated), ("closed", counts.closed)].map {
          .init(Double($0.1), [("severity", counts.severity), ("step", $0.0)])
        }
      })
    add(
      .counter, "events_silenced", "Steps in the life of events that silences kept from outputs.",
      status.events.map { .init(Double($0.silenced), [("severity", $0.severity)]) })
    add(.gauge, "silences_active", "Silences that hold.", Double(status.silences.count))
    let kept = status.learningSnapshots
    add(
      .gauge, "silence_memory_bytes", unit: "bytes",
      "Memory that keeps what detectors had learnt before silences.", Double(kept.bytes))
    add(
      .gauge, "silence_memory_refused_metrics",
      "Metrics that learn in a silence although they should not.", Double(kept.refused))
    add(
      .gauge, "alarm_budget_overdraft", "False alarms by which the host's budget is overdrawn.",
      status.budget?.overdraft)
  }

  private mutating func addState(_ status: StatusReply) {
    let counts = status.metrics
    add(
      .gauge, "metrics", "Metrics that are watched.",
      [("warming", counts.warming), ("normal", counts.normal), ("anomalous", counts.anomalous)].map
      {
        .init(Double($0.1), [("state", $0.0)])
      })
    add(.gauge, "metrics_limit", "The most metrics that are watched.", Double(counts.limit))
    add(
      .gauge, "metrics_silent", "Metrics without a sample for much longer than usual.",
      Double(counts.silent))
    add(
      .counter, "metrics_refused", "Requests for a new metric while the table was full.",
      Double(counts.refused))
    guard let checkpoint = status.checkpoint else { return }
    add(
      .gauge, "checkpoint_successful", "Whether the newest attempt to save the state succeeded.",
      checkpoint.lastError == nil ? 1 : 0)
    guard let last = checkpoint.lastAt else { return }
    add(
      .gauge, "checkpoint_timestamp_seconds", unit: "seconds",
      "When the state was last saved, since 1970.", last.seconds)
    add(
      .gauge, "checkpoint_age_seconds", unit: "seconds", "How long ago that is.",
      max(0, status.now.seconds - last.seconds))
    add(
      .gauge, "checkpoint_size_bytes", unit: "bytes", "The size of that checkpoint.",
      Double(checkpoint.bytes))
    add(
      .gauge, "checkpoint_duration_seconds", unit: "seconds", "How long it took to write it.",
      checkpoint.milliseconds / 1000)
  }

  private mutating func addMetrics(_ metrics: [MetricSummary]) {
    func samples(_ value: (MetricSummary) -> Double?) -> [MetricFamily.Sample] {
      metrics.compactMap { metric in value(metric).map { .init($0, [("metric", metric.name)]) } }
    }
    add(
      .gauge, "metric_anomalous", "Whether an event is open on the metric.",
      samples { $0.state == .anomalous ? 1 : 0 })
    add(
      .gauge, "metric_score",
      "How rare the newest sample is: log10 of the normal samples per alarm at that height.",
      samples { $0.score })
    add(.gauge, "metric_value", "The newest value, in its own unit.", samples { $0.value })
    add(.gauge, "metric_expected", "What was expected in its place.", samples { $0.expected })
  }
}

extension Moment {
  fileprivate var seconds: Double { timestamp.seconds }
}
