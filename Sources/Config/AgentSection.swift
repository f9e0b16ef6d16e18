/// Section `[Agent]`: limits, state, control socket.
public struct AgentSection: Section {
  /// `MaximumMetrics=`: the most metrics that are watched, 1...1,000,000.
  public var maximumMetrics = 2_000
  /// `ForgetAfter=`: how long a metric may go without a sample; nil (`infinity`): for ever.
  public var forgetAfter: Duration? = .seconds(30 * 86_400)
  /// `StateDirectory=`: where models and positions are kept.
  public var stateDirectory = "/var/lib/anomalyd"
  /// `ControlSocket=`: where `anomalyctl` finds the daemon.
  public var controlSocket = "/run/anomalyd/io.anomalyd"
  /// `CheckpointInterval=`: how often the state is written; nil (`infinity`): only at the end.
  public var checkpointInterval: Duration? = .seconds(600)
  /// `CheckpointBytesPerHour=`: the most bytes of checkpoints per hour; the daemon lengthens the
  /// interval to stay below.
  public var checkpointBytesPerHour = 512 << 20
  /// `SnapshotInterval=`: how often what has been learnt is kept as a snapshot; nil (`infinity`): never.
  public var snapshotInterval: Duration? = .seconds(86_400)
  /// `SnapshotBytes=`: the most bytes of snapshots without a name of their own.
  public var snapshotBytes = 256 << 20
  /// `EventRecordBytes=`: the most bytes that the history of events takes on disk.
  public var eventRecordBytes = 16 << 20
  /// `IncidentSettling=`: how long an incident gathers events before outputs are notified of it.
  public var incidentSettling: Duration = .seconds(10)
  /// `IncidentGap=`: how long after its last event an incident is over.
  public var incidentGap: Duration = .seconds(300)
  /// `HistorySamples=`: samples kept per metric for display, 16...100,000.
  public var historySamples = 256
  /// `SilenceMemory=`: the most bytes for what detectors need to forget what they learn in silences.
  public var silenceMemory = 64 << 20
  /// `TextfileMetrics=`: where metrics about the daemon are written; empty: nowhere.
  public var textfileMetrics = ""
  /// `TextfileScores=`: patterns of the metrics that have series of their own in there.
  public var textfileScores: [String] = []

  /// The defaults.
  public init() {}

  /// The keys.
  public static let keys: [Key<AgentSection>] = [
    Key(
      "MaximumMetrics",
      \.maximumMetrics,
      .wholeNumber(1...1_000_000),
      "The most metrics that are watched at once. New ones beyond it are refused, counted and shown "
        + "by anomalyctl status. Every metric costs some 30 kB of memory; MemoryHigh= and MemoryMax= "
        + "of anomalyd.service leave room for some 12000, so raise them with this."
    ),
    Key(
      "ForgetAfter",
      \.forgetAfter,
      .timeSpanOrInfinity(.seconds(3600) ... .seconds(10 * 366 * 86_400)),
      "How long a metric may go without a sample before it is forgotten, with everything learnt "
        + "about it; only time in which the daemon runs counts. When the table is full, a new metric "
        + "takes the place of the one that has gone longest without a sample, provided that is at "
        + "least an hour and it has no open event."
    ),
    Key(
      "StateDirectory",
      \.stateDirectory,
      .absolutePath,
      "The directory that keeps models and reading positions over a restart. Under systemd the "
        + "default is $STATE_DIRECTORY."
    ),
    Key(
      "ControlSocket",
      \.controlSocket,
      .socketPath,
      "The socket on which anomalyctl finds the daemon. Under systemd the default is "
        + "$RUNTIME_DIRECTORY/io.anomalyd."
    ),
    Key(
      "CheckpointInterval",
      \.checkpointInterval,
      .timeSpanOrInfinity(.seconds(1) ... .seconds(30 * 86_400)),
      "How often the state is written while running. A crash loses what was learnt since. infinity: "
        + "only when the daemon ends."
    ),
    Key(
      "CheckpointBytesPerHour",
      \.checkpointBytesPerHour,
      .byteSize((1 << 20)...(1 << 40)),
      "The most bytes of checkpoints that are written in an hour. If it would be more, the interval "
        + "between checkpoints is lengthened. Spares flash memory."
    ),
    Key(
      "SnapshotInterval",
      \.snapshotInterval,
      .timeSpanOrInfinity(.seconds(60) ... .seconds(366 * 86_400)),
      "How often what all metrics have learnt is kept as a snapshot, to which anomalyctl models "
        + "rollback can return; one is also kept of the time before each incident. infinity: only before "
        + "incidents. A snapshot is as large as a checkpoint."
    ),
    Key(
      "SnapshotBytes",
      \.snapshotBytes,
      .byteSize(0...(1 << 40)),
      "The most bytes that these snapshots take in the state directory; beyond it the oldest ones are "
        + "deleted. Those that users have named are kept until they delete them. 0: no snapshots."
    ),
    Key(
      "EventRecordBytes",
      \.eventRecordBytes,
      .byteSize((64 << 10)...(1 << 30)),
      "The most bytes that the history of events takes in the state directory; beyond it the oldest "
        + "events are discarded. An event takes about 3 kB."
    ),
    Key(
      "IncidentSettling",
      \.incidentSettling,
      .timeSpan(.zero ... .seconds(600)),
      "How long an incident gathers events before outputs are notified of it, so that the message says "
        + "what it is about; at least three intervals of its first metric, up to 5 min. Limits and "
        + "critical events wait for no intervals. Measured by time stamps. 0: outputs are notified at "
        + "once."
    ),
    Key(
      "IncidentGap",
      \.incidentGap,
      .timeSpan(.seconds(1) ... .seconds(86_400)),
      "How long after the close of its last event an incident is over. An event that begins before "
        + "then belongs to it, and outputs are notified of nothing new unless it is worse."
    ),
    Key(
      "HistorySamples",
      \.historySamples,
      .wholeNumber(16...100_000),
      "How many samples of each metric are kept for anomalyctl show, at 8 bytes each."
    ),
    Key(
      "SilenceMemory",
      \.silenceMemory,
      .byteSize(0...(1 << 40)),
      "The most memory for snapshots of what detectors had learnt before a silence with "
        + "SuppressLearning=yes. Metrics that do not fit keep learning; their number is in the "
        + "status."
    ),
    Key(
      "TextfileMetrics",
      \.textfileMetrics,
      .absolutePath,
      "A file for node_exporter's textfile collector, such as "
        + "/var/lib/prometheus/node-exporter/anomalyd.prom: metrics about the daemon itself, "
        + "rewritten every 15 s and removed at the end. The daemon needs write access to its "
        + "directory: under systemd that takes ReadWritePaths= in a drop-in of anomalyd.service. "
        + "Empty: none.",
      example: "/var/lib/prometheus/node-exporter/anomalyd.prom"
    ),
    Key(
      "TextfileScores",
      \.textfileScores,
      .globs,
      "Patterns of the watched metrics that get series of their own in TextfileMetrics=: whether "
        + "they are anomalous, score, value and expected value, four series each.",
      example: "cpu.* disk.*"
    ),
  ]
}
