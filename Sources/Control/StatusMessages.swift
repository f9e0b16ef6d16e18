/// How the daemon is: the reply of `Status`.
public struct StatusReply: Codable, Equatable, Sendable {
  /// The most open events that a reply lists; `openEventCount` counts them all.
  public static let maximumOpenEvents = 100
  /// The most incidents that a reply lists.
  public static let maximumIncidents = 20

  /// Version of the daemon.
  public var version: String
  /// Its process id.
  public var pid: Int
  /// When it started.
  public var started: Moment
  /// The daemon's clock when it answered.
  public var now: Moment
  /// Where its configuration comes from.
  public var configuration: ConfigurationStatus
  /// One entry per input.
  public var inputs: [InputStatus]
  /// One entry per output.
  public var outputs: [OutputStatus]
  /// Metrics by state.
  public var metrics: MetricCounts
  /// How its alarm budget stands; nil where each metric has one of its own.
  public var budget: BudgetStatus?
  /// What it costs.
  public var resources: ResourceStatus
  /// How safe its state is; nil where no state is kept.
  public var checkpoint: CheckpointStatus?
  /// How safe the record of events is; nil where none is kept.
  public var record: RecordStatus?
  /// How its control socket is.
  public var control: ControlStatus
  /// How many events are open.
  public var openEventCount: Int
  /// The newest of them, newest first, at most ``maximumOpenEvents``.
  public var openEvents: [EventMessage]
  /// Incidents with an open event, newest first, at most ``maximumIncidents``.
  public var incidents: [OpenIncidentMessage]
  /// The silences that hold now.
  public var silences: [SilenceMessage]
  /// What is kept to undo what is learnt in them.
  public var learningSnapshots: KeptLearningStatus
  /// Steps in the life of events since the start, by severity.
  public var events: [EventCounts]
  /// The file of metrics for node_exporter; nil where none is configured.
  public var textfile: TextfileStatus?

  /// A reply with these parts.
  public init(
    version: String,
    pid: Int,
    started: Moment,
    now: Moment,
    configuration: ConfigurationStatus,
    inputs: [InputStatus],
    outputs: [OutputStatus],
    metrics: MetricCounts,
    budget: BudgetStatus?,
    resources: ResourceStatus,
    checkpoint: CheckpointStatus?,
    record: RecordStatus? = nil,
    control: ControlStatus,
    openEventCount: Int,
    openEvents: [EventMessage],
    incidents: [OpenIncidentMessage] = [],
    silences: [SilenceMessage] = [],
    learningSnapshots: KeptLearningStatus,
    events: [EventCounts] = [],
    textfile: TextfileStatus? = nil
  ) {
    self.version = version
    self.pid = pid
    self.started = started
    self.now = now
    self.configuration = configuration
    self.inputs = inputs
    self.outputs = outputs
    self.metrics = metrics
    self.budget = budget
    self.resources = resources
    self.checkpoint = checkpoint
    self.record = record
    self.control = control
    self.openEventCount = openEventCount
    self.openEvents = openEvents
    self.incidents = incidents
    self.silences = silences
    self.learningSnapshots = learningSnapshots
    self.events = events
    self.textfile = textfile
  }
}

/// Where the configuration comes from.
public struct ConfigurationStatus: Codable, Equatable, Sendable {
  /// The files that are in force, in the order in which they were read; empty means defaults.
  public var files: [String]
  /// When they were read.
  public var loaded: Moment
  /// The last attempt to reload; nil if there was none.
  public var lastReload: ReloadResult?

  /// A configuration from `files`.
  public init(files: [String], loaded: Moment, lastReload: ReloadResult?) {
    self.files = files
    self.loaded = loaded
    self.lastReload = lastReload
  }
}

/// How a reload ended.
public struct ReloadResult: Codable, Equatable, Sendable {
  /// When it was tried.
  public var at: Moment
  /// Whether the new configuration is in force; if not, the old one still is.
  public var succeeded: Bool
  /// The errors, with file and line; empty where it succeeded.
  public var errors: [String]

  /// A reload with this result.
  public init(at: Moment, succeeded: Bool, errors: [String]) {
    self.at = at
    self.succeeded = succeeded
    self.errors = errors
  }
}

/// How one output is.
public struct OutputStatus: Codable, Equatable, Sendable {
  /// The name of its section, such as `journal`.
  public var name: String
  /// Where it writes, such as `journal` or `file`.
  public var type: String
  /// Whether it works now; false says that `lastError` is what keeps it.
  public var healthy: Bool
  /// Events handed over, openings and closings.
  public var emitted: Int
  /// Attempts that failed.
  public var failed: Int
  /// Events that wait to be written.
  public var queued: Int
  /// Events given up.
  public var dropped: Int
  /// The newest error in words.
  public var lastError: String?
  /// When that was.
  public var lastErrorAt: Moment?
  /// How its messages are delivered by anomalyd-webhook; nil for other types.
  public var delivery: DeliveryStatus?

  /// An output with these facts.
  public init(
    name: String,
    type: String,
    healthy: Bool,
    emitted: Int,
    failed: Int,
    queued: Int,
    dropped: Int,
    lastError: String?,
    lastErrorAt: Moment?,
    delivery: DeliveryStatus? = nil
  ) {
    self.name = name
    self.type = type
    self.healthy = healthy
    self.emitted = emitted
    self.failed = failed
    self.queued = queued
    self.dropped = dropped
    self.lastError = lastError
    self.lastErrorAt = lastErrorAt
    self.delivery = delivery
  }
}

/// Metrics by state.
public struct MetricCounts: Codable, Equatable, Sendable {
  /// Metrics in the table.
  public var registered: Int
  /// The most it takes (`MaximumMetrics=`).
  public var limit: Int
  /// Requests for a new metric that were refused because the table was full.
  public var refused: Int
  /// Metrics that warm up.
  public var warming: Int
  /// Metrics without an open event.
  public var normal: Int
  /// Metrics with an open event.
  public var anomalous: Int
  /// Metrics that have had no sample for much longer than usual.
  public var silent: Int
  /// Metrics forgotten since the start, as they had no sample for `ForgetAfter=`.
  public var forgotten: Int
  /// Metrics that gave way to new ones in a full table, since the start.
  public var displaced: Int

  /// These counts.
  public init(
    registered: Int,
    limit: Int,
    refused: Int,
    warming: Int,
    normal: Int,
    anomalous: Int,
    silent: Int,
    forgotten: Int = 0,
    displaced: Int = 0
  ) {
    self.registered = registered
    self.limit = limit
    self.refused = refused
    self.warming = warming
    self.normal = normal
    self.anomalous = anomalous
    self.silent = silent
    self.forgotten = forgotten
    self.displaced = displaced
  }
}

/// What the daemon costs.
public struct ResourceStatus: Codable, Equatable, Sendable {
  /// Resident memory of the process.
  public var residentBytes: Int
  /// Memory per metric, detector and history.
  public var bytesPerMetric: Int
  /// Mean time per sample in the detector, learning included; nil before the first sample.
  public let nanosecondsPerSample: Double?
  /// Samples since the start.
  public var samples: Int
  /// Processor time of the process since it started.
  public let cpuSeconds: Double

  /// These costs.
  public init(
    residentBytes: Int,
    bytesPerMetric: Int,
    nanosecondsPerSample: Double?,
    samples: Int,
    cpuSeconds: Double
  ) {
    self.residentBytes = residentBytes
    self.bytesPerMetric = bytesPerMetric
    self.nanosecondsPerSample = finite(nanosecondsPerSample)
    self.samples = samples
    self.cpuSeconds = finite(cpuSeconds) ?? 0
  }
}

/// How safe the daemon's state is.
public struct CheckpointStatus: Codable, Equatable, Sendable {
  /// When the last one was written; nil if none was.
  public var lastAt: Moment?
  /// Its size.
  public var bytes: Int
  /// How long it took.
  public let milliseconds: Double
  /// Seconds until the next one; nil if none is planned.
  public let nextIn: Double?
  /// Why the newest attempt failed; nil if it did not.
  public var lastError: String?

  /// These facts.
  public init(
    lastAt: Moment?,
    bytes: Int,
    milliseconds: Double,
    nextIn: Double?,
    lastError: String?
  ) {
    self.lastAt = lastAt
    self.bytes = bytes
    self.milliseconds = finite(milliseconds) ?? 0
    self.nextIn = finite(nextIn)
    self.lastError = lastError
  }
}
