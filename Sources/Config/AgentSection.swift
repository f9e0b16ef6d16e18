/// Section `[Agent]`: limits, state, control socket.
public struct AgentSection: Section {
  /// `MaximumMetrics=`: maximum number of monitored metrics, 1...1,000,000.
  public var maximumMetrics = 2_000
  /// `ForgetAfter=`: how long a metric may go without a sample; nil (`infinity`): forever.
  public var forgetAfter: Duration? = .seconds(30 * 86_400)
  /// `StateDirectory=`: the directory of models and positions.
  public var stateDirectory = "/var/lib/anomalyd"
  /// `ControlSocket=`: where `anomalyctl` finds the daemon.
  public var controlSocket = "/run/anomalyd/io.anomalyd"
  /// `CheckpointInterval=`: how often the state is written; nil (`infinity`): only on shutdown.
  public var checkpointInterval: Duration? = .seconds(600)
  /// `CheckpointBytesPerHour=`: maximum volume of checkpoints per hour; the daemon lengthens the
  /// interval to stay below it.
  public var checkpointBytesPerHour = 512 << 20
  /// `SnapshotInterval=`: how often the learnt state is kept as a snapshot; nil (`infinity`):
  /// never.
  public var snapshotInterval: Duration? = .seconds(86_400)
  /// `SnapshotBytes=`: maximum size of automatic snapshots.
  public var snapshotBytes = 256 << 20
  /// `EventRecordBytes=`: maximum size of the event history on disk.
  public var eventRecordBytes = 16 << 20
  /// `IncidentSettling=`: how long an incident gathers events before outputs are notified of it.
  public var incidentSettling: Duration = .seconds(10)
  /// `IncidentGap=`: how long after its last event an incident is over.
  public var incidentGap: Duration = .seconds(300)
  /// `HistorySamples=`: samples kept per metric for display, 16...100,000.
  public var historySamples = 256
  /// `SilenceMemory=`: maximum memory for detector states saved to undo learning in silences.
  public var silenceMemory = 64 << 20
  /// `TextfileMetrics=`: the file for metrics about the daemon; empty: none.
  public var textfileMetrics = ""
  /// `TextfileScores=`: patterns of the metrics that have their own series in that file.
  public var textfileScores: [String] = []

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [Key<AgentSection>] = [
    Key(
      "MaximumMetrics",
      \.maximumMetrics,
      .wholeNumber(1...1_000_000),
      "Maximum number of metrics. Further ones are refused, counted and shown by anomalyctl "
        + "status. Each metric uses some 30 kB of memory; MemoryHigh= and MemoryMax= of "
        + "anomalyd.service allow for some 12000, so raise them along with this."
    ),
    Key(
      "ForgetAfter",
      \.forgetAfter,
      .timeSpanOrInfinity(.seconds(3600) ... .seconds(10 * 366 * 86_400)),
      "How long a metric may receive no samples before it is forgotten, including everything "
        + "learnt about it; only time during which the daemon runs counts. If the table is full, "
        + "a new metric replaces the one that has gone longest without a sample, provided that is "
        + "at least an hour and no event of it is open."
    ),
    Key(
      "StateDirectory",
      \.stateDirectory,
      .absolutePath,
      "The directory for models and input positions, which persist across restarts. Under "
        + "systemd, the default is $STATE_DIRECTORY."
    ),
    Key(
      "ControlSocket",
      \.controlSocket,
      .socketPath,
      "The socket on which the daemon accepts connections from anomalyctl. Under systemd, the "
        + "default is $RUNTIME_DIRECTORY/io.anomalyd."
    ),
    Key(
      "CheckpointInterval",
      \.checkpointInterval,
      .timeSpanOrInfinity(.seconds(1) ... .seconds(30 * 86_400)),
      "Interval between checkpoints while running. A crash loses what was learnt since the last "
        + "one. infinity: write state at shutdown only."
    ),
    Key(
      "CheckpointBytesPerHour",
      \.checkpointBytesPerHour,
      .byteSize((1 << 20)...(1 << 40)),
      "Maximum number of bytes of checkpoints written per hour; the interval between checkpoints "
        + "is extended accordingly. Reduces wear on flash storage."
    ),
    Key(
      "SnapshotInterval",
      \.snapshotInterval,
      .timeSpanOrInfinity(.seconds(60) ... .seconds(366 * 86_400)),
      "Interval between snapshots of what all metrics have learnt, to which anomalyctl models "
        + "rollback can return; the state before each incident is kept as well. infinity: "
        + "snapshots before incidents only. A snapshot is as large as a checkpoint."
    ),
    Key(
      "SnapshotBytes",
      \.snapshotBytes,
      .byteSize(0...(1 << 40)),
      "Maximum size of all snapshots in the state directory; the oldest ones are deleted to stay "
        + "below it. Named snapshots are kept until they are deleted by a user. 0: no snapshots."
    ),
    Key(
      "EventRecordBytes",
      \.eventRecordBytes,
      .byteSize((64 << 10)...(1 << 30)),
      "Maximum size of the event history in the state directory; the oldest events are discarded "
        + "to stay below it. An event uses about 3 kB."
    ),
    Key(
      "IncidentSettling",
      \.incidentSettling,
      .timeSpan(.zero ... .seconds(600)),
      "How long an incident collects events before outputs are notified, so that the message "
        + "describes all of it; at least three intervals of its first metric, up to 5 min. Limits "
        + "and critical events do not wait for these intervals. Measured by time stamps. 0: "
        + "notify at once."
    ),
    Key(
      "IncidentGap",
      \.incidentGap,
      .timeSpan(.seconds(1) ... .seconds(86_400)),
      "How long after its last event closed an incident is over. Events that begin earlier join "
        + "it, and outputs are only notified if it gets worse."
    ),
    Key(
      "HistorySamples",
      \.historySamples,
      .wholeNumber(16...100_000),
      "Number of samples retained per metric for anomalyctl show, 8 bytes each."
    ),
    Key(
      "SilenceMemory",
      \.silenceMemory,
      .byteSize(0...(1 << 40)),
      "Maximum memory for the state of detectors before a silence with SuppressLearning=yes. "
        + "Metrics that do not fit keep learning; anomalyctl status shows how many."
    ),
    Key(
      "TextfileMetrics",
      \.textfileMetrics,
      .absolutePath,
      "A file for node_exporter's textfile collector, such as "
        + "/var/lib/prometheus/node-exporter/anomalyd.prom, with metrics about the daemon itself; "
        + "rewritten every 15 s and removed at shutdown. The daemon needs write access to its "
        + "directory, which under systemd requires ReadWritePaths= in a drop-in for "
        + "anomalyd.service. Empty: none.",
      example: "/var/lib/prometheus/node-exporter/anomalyd.prom"
    ),
    Key(
      "TextfileScores",
      \.textfileScores,
      .globs,
      "Patterns of metrics to export individually in TextfileMetrics=: whether they are "
        + "anomalous, score, value and expected value, four series per metric.",
      example: "cpu.* disk.*"
    ),
  ]
}
