public import Events
public import Monitor
public import Series

/// State of the daemon: the reply of `Status`.
public struct StatusReply: Codable, Equatable, Sendable {
  /// The maximum number of open events in a reply; `openEventCount` counts them all.
  public static let maximumOpenEvents = 100
  /// The maximum number of incidents in a reply.
  public static let maximumIncidents = 20

  /// Version of the daemon.
  public var version: String
  /// Its process id.
  public var pid: Int
  /// When it started.
  public var started: Timestamp
  /// The daemon's clock when it answered.
  public var now: Timestamp
  /// Source of its configuration.
  public var configuration: ConfigurationStatus
  /// One entry per input.
  public var inputs: [InputStatus]
  /// One entry per output.
  public var outputs: [OutputStatus]
  /// Metrics by state.
  public var metrics: MetricCounts
  /// State of the host's alarm budget; nil if each metric has its own.
  public var budget: BudgetStatus?
  /// Its resource usage.
  public var resources: ResourceStatus
  /// State of its checkpoints; nil if no state is kept.
  public var checkpoint: CheckpointStatus?
  /// State of the event history; nil if none is kept.
  public var record: RecordStatus?
  /// State of its control socket.
  public var control: ControlStatus
  /// The number of open events.
  public var openEventCount: Int
  /// The latest of them, newest first, at most ``maximumOpenEvents``.
  public var openEvents: [EventMessage]
  /// The number of incidents that outputs were notified of and that are not over.
  public var openIncidentCount: Int
  /// Incidents that are not over, newest first, at most ``maximumIncidents``.
  public var incidents: [IncidentMessage]
  /// The active silences.
  public var silences: [SilenceMessage]
  /// Detector states saved to undo learning in silences.
  public var learningSnapshots: KeptLearningStatus
  /// Event steps since the start, by severity.
  public var events: [EventCounts]
  /// Incident steps since the start, by severity.
  public var incidentSteps: [IncidentCounts]
  /// The metrics file for node_exporter; nil if none is configured.
  public var textfile: TextfileStatus?
  /// The trained models; nil from a daemon that does not support them.
  public var models: [AttachedModelStatus]?
  /// Conditions that keep the daemon from working fully; nil from a daemon that does not list them.
  public var problems: [Problem]?

  /// Creates a reply.
  public init(
    version: String,
    pid: Int,
    started: Timestamp,
    now: Timestamp,
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
    openIncidentCount: Int = 0,
    incidents: [IncidentMessage] = [],
    silences: [SilenceMessage] = [],
    learningSnapshots: KeptLearningStatus,
    events: [EventCounts] = [],
    incidentSteps: [IncidentCounts] = [],
    textfile: TextfileStatus? = nil,
    models: [AttachedModelStatus]? = nil,
    problems: [Problem]? = nil
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
    self.openIncidentCount = openIncidentCount
    self.incidents = incidents
    self.silences = silences
    self.learningSnapshots = learningSnapshots
    self.events = events
    self.incidentSteps = incidentSteps
    self.textfile = textfile
    self.models = models
    self.problems = problems
  }
}

/// Source of the configuration.
public struct ConfigurationStatus: Codable, Equatable, Sendable {
  /// The files read, in reading order; empty means defaults.
  public var files: [String]
  /// When they were read.
  public var loaded: Timestamp
  /// The last attempt to reload; nil if there was none.
  public var lastReload: ReloadResult?

  /// Creates a configuration from `files`.
  public init(files: [String], loaded: Timestamp, lastReload: ReloadResult?) {
    self.files = files
    self.loaded = loaded
    self.lastReload = lastReload
  }
}

/// The result of a reload.
public struct ReloadResult: Codable, Equatable, Sendable {
  /// When it was tried.
  public var at: Timestamp
  /// Whether the new configuration is in force; if not, the old one still is.
  public var succeeded: Bool
  /// The errors, with file and line; empty if it succeeded.
  public var errors: [String]

  /// Creates a result.
  public init(at: Timestamp, succeeded: Bool, errors: [String]) {
    self.at = at
    self.succeeded = succeeded
    self.errors = errors
  }
}

/// Metrics by state.
public struct MetricCounts: Codable, Equatable, Sendable {
  /// Metrics in the table.
  public var registered: Int
  /// The maximum (`MaximumMetrics=`).
  public var limit: Int
  /// Requests for a new metric that were refused because the table was full.
  public var refused: Int
  /// Metrics warming up.
  public var warming: Int
  /// Seconds until all of those can alarm; nil if none is warming up, or if it is unknown.
  public var learningLeft: Double?
  /// Seconds until the first of those can alarm; nil likewise.
  public var firstReady: Double?
  /// Metrics without an open event.
  public var normal: Int
  /// Metrics with an open event.
  public var anomalous: Int
  /// Metrics that no detector judges, without an open event.
  public var shown: Int
  /// Metrics without a sample for much longer than usual.
  public var silent: Int
  /// Metrics whose model was frozen by a user.
  public var frozen: Int
  /// Metrics removed since the start because they had no sample for `ForgetAfter=`.
  public var forgotten: Int
  /// Metrics replaced by new ones in a full table, since the start.
  public var displaced: Int

  /// Counts the metrics of a monitor.
  /// - Parameter now: a clock that stops while the machine is suspended.
  public init(_ monitor: HostMonitor, at now: Duration) {
    self.init(monitor, monitor.census(at: now))
  }

  /// Counts the metrics of a monitor, whose census has been taken.
  public init(_ monitor: HostMonitor, _ census: MetricCensus) {
    registered = monitor.metrics.count
    limit = monitor.limits.metrics
    refused = monitor.refusals
    forgotten = monitor.ageing.forgotten
    displaced = monitor.ageing.displaced
    warming = census.warming
    normal = census.normal
    anomalous = census.anomalous
    shown = census.shown
    silent = census.silent
    frozen = census.frozen
    learningLeft = census.learningLeft.map { $0 / .seconds(1) }
    firstReady = census.firstReady.map { $0 / .seconds(1) }
  }
}

/// State of the host's alarm budget.
public struct BudgetStatus: Codable, Equatable, Sendable {
  /// Alarms per day on the whole host (`AlarmBudget=`).
  public var alarmsPerDay: Double
  /// Normal samples per alarm that this allows each metric sharing it.
  public var samplesPerAlarm: Double
  /// Alarms charged and not yet paid back; they raise thresholds.
  public var overdraft: Double

  /// The state of a budget.
  public init(_ budget: HostBudget) {
    alarmsPerDay = budget.alarmsPerDay.ifFinite ?? 0
    samplesPerAlarm = budget.samplesPerAlarm.ifFinite ?? 0
    overdraft = budget.overdraft.ifFinite ?? 0
  }
}

/// Resource usage of the daemon.
public struct ResourceStatus: Codable, Equatable, Sendable {
  /// Resident memory of the process.
  public var residentBytes: Int
  /// Memory per metric, detector and history.
  public var bytesPerMetric: Int
  /// Mean time per sample in the detector, learning included; nil before the first sample.
  public let nanosecondsPerSample: Double?
  /// Samples since the start.
  public var samples: Int
  /// CPU time of the process since it started.
  public let cpuSeconds: Double

  /// Creates a status.
  public init(
    residentBytes: Int,
    bytesPerMetric: Int,
    nanosecondsPerSample: Double?,
    samples: Int,
    cpuSeconds: Double
  ) {
    self.residentBytes = residentBytes
    self.bytesPerMetric = bytesPerMetric
    self.nanosecondsPerSample = nanosecondsPerSample?.ifFinite
    self.samples = samples
    self.cpuSeconds = cpuSeconds.ifFinite ?? 0
  }
}

/// State of the checkpoints.
public struct CheckpointStatus: Codable, Equatable, Sendable {
  /// When the last one was written; nil if none was.
  public var lastAt: Timestamp?
  /// Its size.
  public var bytes: Int
  /// How long it took.
  public let milliseconds: Double
  /// Seconds until the next one; nil if none is planned.
  public let nextIn: Double?
  /// Why the last attempt failed; nil if it did not.
  public var lastError: String?
  /// What was restored at the start; nil if there was no state.
  public var restored: RestoreStatus?

  /// Creates a status.
  public init(
    lastAt: Timestamp?,
    bytes: Int,
    milliseconds: Double,
    nextIn: Double?,
    lastError: String?,
    restored: RestoreStatus? = nil
  ) {
    self.restored = restored
    self.lastAt = lastAt
    self.bytes = bytes
    self.milliseconds = milliseconds.ifFinite ?? 0
    self.nextIn = nextIn?.ifFinite
    self.lastError = lastError
  }
}

/// State restored at the daemon's start: a part of `Status`.
public struct RestoreStatus: Codable, Equatable, Sendable {
  /// When the state was saved; nil if none of it was usable.
  public var saved: Timestamp?
  /// Metrics restored from it.
  public var metrics: Int
  /// Parts that could not be used, such as metrics stored in a newer format: each starts afresh.
  public var lost: Int
  /// The first of them, and why.
  public var firstLost: String?
  /// Why the newest checkpoint was not used, or only partly, and what was used instead; nil if it
  /// was used completely.
  public var fallback: String?

  /// What was restored.
  public init(
    saved: Timestamp?, metrics: Int, lost: Int, firstLost: String?, fallback: String? = nil
  ) {
    self.fallback = fallback
    self.saved = saved
    self.metrics = metrics
    self.lost = lost
    self.firstLost = firstLost
  }
}

/// The metrics file for node_exporter: a part of `Status`.
public struct TextfileStatus: Codable, Equatable, Sendable {
  /// The file.
  public var path: String
  /// When it was last written; nil before that.
  public var writtenAt: Timestamp?
  /// Why the last attempt failed; nil if it did not.
  public var lastError: String?

  /// Creates a status.
  public init(path: String, writtenAt: Timestamp?, lastError: String?) {
    self.path = path
    self.writtenAt = writtenAt
    self.lastError = lastError
  }
}
