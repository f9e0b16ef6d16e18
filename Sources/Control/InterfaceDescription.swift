/// The interfaces in Varlink's interface definition language: the reply of
/// `GetInterfaceDescription`.
///
/// A test checks every message against these texts.
public enum InterfaceDescription {
  /// The interfaces of the daemon by name, in the order in which `GetInfo` lists them.
  public static let all: [(name: String, text: String)] = [
    ("org.varlink.service", service), ("io.anomalyd", anomalyd),
  ]

  /// The text of an interface, nil if there is no such interface.
  public static func text(of interface: String) -> String? {
    all.first { $0.name == interface }?.text
  }

  private static let service = """
    # The Varlink service interface, answered by every Varlink service (varlink.org).
    interface org.varlink.service

    # Identifies this service and its interfaces.
    method GetInfo() -> (
      vendor: string,
      product: string,
      version: string,
      url: string,
      interfaces: []string
    )

    # The description of one interface.
    method GetInterfaceDescription(interface: string) -> (description: string)

    # The service has no such interface.
    error InterfaceNotFound (interface: string)

    # The interface has no such method.
    error MethodNotFound (method: string)

    # The method is described but not implemented.
    error MethodNotImplemented (method: string)

    # A parameter is missing, unknown, or of the wrong type.
    error InvalidParameter (parameter: string)

    # The caller lacks permission.
    error PermissionDenied ()

    # The answer is too long for one reply: call again with "more".
    error ExpectedMore ()

    """

  private static let anomalyd = """
    # anomalyd: anomalies in the metrics of this host.
    #
    # Times are RFC 3339 strings in UTC with milliseconds. Values are in the unit of their metric.
    # Scores are log10 of the number of normal samples per alarm at that height, 0 to 12.
    interface io.anomalyd

    # State of a metric: no alarms yet; no open event; an open event; not judged by a detector.
    type MetricState (warming, normal, anomalous, shown)

    # Source of the configuration; no files means built-in defaults.
    type Configuration (files: []string, loaded: string, lastReload: ?Reload)

    # Result of the last reload; if it failed, the old configuration is in force.
    type Reload (at: string, succeeded: bool, errors: []string)

    # State of an input: no errors; part of it failed recently; nothing has arrived since its last
    # error; nothing has arrived for longer than StallAfter=.
    type InputState (ok, degraded, failing, silent)

    # An input: counters since the start, and how far behind it is.
    type Input (
      name: string,
      type: string,
      source: string,
      state: InputState,
      samples: int,
      malformed: int,
      gaps: int,
      refused: int,
      # datagrams and lines beyond a sender's limits
      dropped: int,
      # values that are intentionally not numbers
      skipped: int,
      lastError: ?string,
      lastErrorAt: ?string,
      lastSampleAt: ?string,
      # seconds
      lastSampleAge: ?float,
      deliveredAt: ?string,
      # seconds
      stallAfter: ?float,
      lagBytes: ?int
    )

    # An output: counters since the start.
    type Output (
      name: string,
      type: string,
      healthy: bool,
      emitted: int,
      failed: int,
      queued: int,
      dropped: int,
      lastError: ?string,
      lastErrorAt: ?string,
      delivery: ?Delivery
    )

    # State of delivery from an outbox to its endpoint; counters since the outbox was created.
    type Delivery (
      waiting: int,
      delivered: int,
      attempts: int,
      failures: int,
      # rejected by the endpoint for good, and how many of those are kept
      refused: int,
      kept: int,
      expired: int,
      lastSuccessAt: ?string,
      lastAnswer: ?string,
      lastAnswerAt: ?string,
      retryAt: ?string,
      # why nothing is sent until the configuration changes
      stopped: ?string,
      tests: []TestAnswer
    )

    # An endpoint's answer to a test message; without a status there was no answer.
    type TestAnswer (
      message: string,
      delivered: bool,
      status: ?int,
      body: string,
      error: ?string,
      seconds: float
    )

    # Metrics by state; refused counts requests for a new one while the table was full, silent
    # metrics without a sample for much longer than usual, forgotten and displaced those removed
    # from the table since the start: after ForgetAfter=, or replaced by a new one while it was
    # full.
    type Counts (
      registered: int,
      limit: int,
      refused: int,
      warming: int,
      # seconds until all of those can alarm; null: none is warming up, or it is not known
      learningLeft: ?float,
      # seconds until the first of them can
      firstReady: ?float,
      normal: int,
      anomalous: int,
      # metrics that no detector judges, without an open event
      shown: int,
      silent: int,
      # those whose model does not learn, because a user froze it
      frozen: int,
      forgotten: int,
      displaced: int
    )

    # The alarm budget of the host: normal samples per alarm that it allows each metric, and the
    # alarms charged and not paid back yet.
    type Budget (alarmsPerDay: float, samplesPerAlarm: float, overdraft: float)

    # Resource usage of the daemon.
    type Resources (
      residentBytes: int,
      bytesPerMetric: int,
      nanosecondsPerSample: ?float,
      samples: int,
      cpuSeconds: float
    )

    # State of the latest checkpoint; nextIn in seconds.
    type Checkpoint (
      lastAt: ?string,
      bytes: int,
      milliseconds: float,
      nextIn: ?float,
      lastError: ?string,
      restored: ?Restore
    )

    # What was restored at the start: metrics that continue, and parts that could not be used and
    # start afresh, with the first of them.
    type Restore (saved: string, metrics: int, lost: int, firstLost: ?string)

    # The control socket: clients now, and counters since the start; closed counts clients that
    # exceeded a limit or violated the protocol.
    type Control (
      clients: int,
      accepted: int,
      turnedAway: int,
      calls: int,
      errors: int,
      closed: int
    )

    # An open event, with value and band at its opening. Severity is info, warning, error or
    # critical; direction is high, low or unusual; reason is a kind of evidence, limit or silence.
    type Event (
      id: string,
      metric: string,
      began: string,
      opened: string,
      updated: ?string,
      value: ?float,
      expected: ?float,
      lower: ?float,
      upper: ?float,
      score: float,
      peakScore: float,
      peakValue: ?float,
      peakAt: string,
      severity: string,
      direction: string,
      reason: string,
      explanation: string,
      # the silence that mutes it; none: outputs were notified
      silencedBy: ?string
    )

    # The event history: number of events, bytes on disk, entries waiting to be written, and entries
    # dropped because too many were waiting.
    type Record (events: int, bytes: int, waiting: int, dropped: int, lastError: ?string)

    # A judgement of an event: nothing was wrong; something was; earlier feedback is withdrawn.
    type Judgement (falseAlarm, confirmed, withdrawn)

    # A user's feedback on an event, by its id; user is a user id of this host.
    type Feedback (event: string, judgement: Judgement, at: string, user: int, note: string)

    # An event in the history: its latest step (opened, updated or closed), the event as of that
    # step, its description, when it was recorded by the daemon's clock, and what muted it.
    type RecordedEvent (
      state: string,
      event: Event,
      closed: ?string,
      sentence: string,
      recorded: string,
      silence: ?string,
      feedback: ?Feedback
    )

    # An event of an incident.
    type Member (id: string, metric: string, began: string)

    # Events that overlap in time: the position of one of them in the order of their beginnings
    # (from 1), how many there were and how many are open, and the first of them.
    type Incident (id: string, position: int, size: int, open: int, events: []Member)

    # Feedback on an event of a metric, and what it currently adds to the base of each kind of
    # evidence.
    type MetricFeedback (event: string, judgement: Judgement, at: string, effect: []Evidence)

    # A unit, slice or container and what it used in addition when an incident opened: processors,
    # bytes per second read and written, bytes of memory.
    type Attribution (
      unit: string,
      cpu: ?float,
      processors: ?float,
      readRate: ?float,
      writeRate: ?float,
      memory: ?float
    )

    # State of an incident: outputs will be notified soon; all of its events are muted; outputs were
    # notified of its opening; of its close.
    type IncidentState (settling, muted, open, closed)

    # Events that overlap in time, and what outputs are notified of: what it is about in a few words,
    # and in the sentence of its latest step; the metric that leads it, the number of metrics and of
    # events, and the subsystems. Muted events only count in size and open.
    type IncidentSummary (
      id: string,
      state: IncidentState,
      began: string,
      opened: string,
      closed: ?string,
      severity: string,
      headline: string,
      sentence: string,
      lead: ?string,
      metrics: int,
      size: int,
      open: int,
      subsystems: []string,
      attributions: []Attribution
    )

    # What feedback on an event of a metric changes; see SetFeedback.
    type FeedbackEffect (metric: string, raised: []Evidence, wouldStillOpen: ?bool)

    # Progress of a metric's warm-up, in samples.
    type WarmUp (seen: int, needed: int, expectedEnd: ?string)

    # A metric at its latest sample.
    type Metric (
      name: string,
      state: MetricState,
      warmUp: ?WarmUp,
      samples: int,
      gaps: int,
      lastSeen: ?string,
      value: ?float,
      expected: ?float,
      lower: ?float,
      upper: ?float,
      score: float,
      level: float,
      # since when its model does not learn; null: it learns
      frozenSince: ?string
    )

    # Why a snapshot was made: at a regular time; because an incident opened; by a user, who gave
    # it its name.
    type SnapshotOrigin (schedule, incident, user)

    # What metrics had learnt at a time, and the bytes that it takes on disk.
    type Snapshot (name: string, origin: SnapshotOrigin, made: string, bytes: int)

    # What a model judges: values of a metric, symbols of a trace, or rows of several metrics.
    type ModelKind (values, symbols, rows)

    # The model of a metric: observations it has seen, about how many seconds those took, steps of
    # the optimiser, how much its forecast is believed beside the simpler guess (0 to 1), the mean
    # absolute error of the forecast, by what share that is below the last value's, memory, and
    # since when it does not learn.
    type Model (
      name: string,
      kind: ModelKind,
      state: MetricState,
      seen: int,
      seconds: ?float,
      updates: int,
      belief: float,
      error: ?float,
      skill: ?float,
      bytes: int,
      frozenSince: ?string,
      # of a trained model, what it is and where it comes from
      trained: ?string
    )

    # How rare one kind of evidence is on this metric, in decades.
    type Evidence (kind: string, decades: float)

    # A sample of the history; no value is a gap.
    type Sample (at: string, value: ?float)

    # A number with a name.
    type Fact (name: string, value: ?float)

    # A sample with the detector's results; no value is a gap.
    type TapSample (
      metric: string,
      at: string,
      state: MetricState,
      value: ?float,
      expected: ?float,
      lower: ?float,
      upper: ?float,
      score: float
    )

    # State of a silence: upcoming; active; over for good.
    type SilenceState (waiting, active, ended)

    # Times in which events are muted, or detectors forget what they learn. A configured one has the
    # name of its section and a schedule, an added one a number and a user. No metrics means all;
    # from is when it last began or begins next, until when it ends or ended, none if that is more
    # than a year away.
    type Silence (
      id: string,
      state: SilenceState,
      metrics: []string,
      suppressesAlarms: bool,
      suppressesLearning: bool,
      reason: string,
      schedule: []string,
      from: ?string,
      until: ?string,
      user: ?int,
      added: ?string,
      # open events that it mutes
      heldEvents: int
    )

    # Detector snapshots kept to undo learning in silences; refused counts the metrics that keep
    # learning because there was no memory left.
    type LearningSnapshot (metrics: int, bytes: int, maximumBytes: int, refused: int)

    # Event steps of one severity since the start: those that outputs were notified of, and muted
    # ones.
    type EventCounts (severity: string, opened: int, updated: int, closed: int, silenced: int)

    # The metrics file for node_exporter.
    type Textfile (path: string, writtenAt: ?string, lastError: ?string)

    # A column of a trained model: its name there, the metric that it reads, whether that has no
    # samples where it should, and the time of the newest one.
    type ModelColumn (name: string, metric: ?string, isMissing: bool, newest: ?string)

    # A trained model of [Model NAME]: the metric that is its score, its file and kind, rows judged,
    # samples dropped because their metric had a newer one, the seconds between two rows in training
    # and here, multiplications of a row, and its columns.
    type AttachedModel (
      name: string,
      metric: string,
      file: string,
      kind: string,
      rows: int,
      late: int,
      trainedInterval: ?float,
      interval: ?float,
      multiplications: int,
      columns: []ModelColumn
    )

    # State of the daemon, its inputs and outputs, and open events (newest first, at most 100 of
    # them).
    method Status() -> (
      version: string,
      pid: int,
      started: string,
      now: string,
      configuration: Configuration,
      inputs: []Input,
      outputs: []Output,
      metrics: Counts,
      budget: ?Budget,
      resources: Resources,
      checkpoint: ?Checkpoint,
      record: ?Record,
      control: Control,
      openEventCount: int,
      openEvents: []Event,
      # those that are not over
      incidents: []IncidentSummary,
      # active ones
      silences: []Silence,
      learningSnapshots: LearningSnapshot,
      events: []EventCounts,
      textfile: ?Textfile,
      models: ?[]AttachedModel
    )

    # The metrics whose whole name matches a shell pattern (*, ?, [...]) and that are in a state;
    # without one or the other, all. With "more" they come in several replies; without it, a list
    # that is too long for one reply is refused with org.varlink.service.ExpectedMore.
    method ListMetrics(pattern: ?string, state: ?MetricState) -> (metrics: []Metric)

    # One metric in full.
    method ShowMetric(name: string) -> (
      metric: Metric,
      openEvent: ?Event,
      reason: ?string,
      evidence: []Evidence,
      history: []Sample,
      feedback: []MetricFeedback,
      raised: []Evidence,
      facts: []Fact,
      bytes: int,
      # active silences that apply to it
      silences: []Silence
    )

    # The samples of the metrics whose whole name matches a shell pattern, or of all, as they
    # arrive, until the caller hangs up. Only with "more". A caller that is too slow misses samples;
    # lost is their number since the previous reply.
    method Tap(pattern: ?string) -> (samples: []TapSample, lost: int)

    # Passes a test event, its opening and its close, to one output. If that has an endpoint, the
    # answers to the messages appear in Status, as tests of its delivery. Requires permission to
    # make changes.
    method TestOutput(name: string) -> (messages: []string, taken: bool, error: ?string)

    # No output has this name.
    error NoSuchOutput (name: string)

    # All silences: configured ones, then added ones in the order of their numbers.
    method ListSilences() -> (silences: []Silence)

    # Adds a silence of a number of seconds, from now or a later time on, for metrics that match a
    # shell pattern or for all. The caller must be root or in the group anomalyd-admin.
    method AddSilence(
      metrics: []string,
      from: ?string,
      seconds: int,
      suppressesAlarms: bool,
      suppressesLearning: bool,
      reason: string
    ) -> (silence: Silence)

    # Ends an added silence. The caller must be root or in the group anomalyd-admin.
    method RemoveSilence(id: string) -> (silence: Silence)

    # The events in the history, newest first: of metrics whose whole name matches a shell pattern,
    # opened at or after a time, open now, at least of a severity (info, warning, error, critical),
    # up to a limit. To be called with "more". The step is that of the latest one in the history
    # when the list began.
    method ListEvents(
      pattern: ?string,
      since: ?string,
      open: ?bool,
      severity: ?string,
      limit: ?int
    ) -> (events: []RecordedEvent, step: int)

    # Every step of an event, as it happens: after the step of an earlier reply, or from now on.
    # Steps have increasing numbers; each reply contains the number of its last one. The other
    # parameters are those of ListEvents. To be called with "more".
    method FollowEvents(
      pattern: ?string,
      since: ?string,
      open: ?bool,
      severity: ?string,
      limit: ?int,
      after: ?int
    ) -> (events: []RecordedEvent, step: int)

    # One event in full: by its id, or its prefix or suffix.
    method ShowEvent(id: string) -> (
      event: RecordedEvent,
      samples: []Sample,
      evidence: []Evidence,
      incident: ?Incident
    )

    # The incidents in the history, newest first: opened at or after a time, open now, at least of a
    # severity, up to a limit. To be called with "more".
    method ListIncidents(since: ?string, open: ?bool, severity: ?string, limit: ?int) -> (
      incidents: []IncidentSummary
    )

    # One incident in full, with its events in the order in which they began: by its id, or its
    # prefix or suffix.
    method ShowIncident(id: string) -> (incident: IncidentSummary, events: []RecordedEvent)

    # Gives feedback on an event, or on all events of an incident, which changes at which evidence
    # their metrics alarm; the note has at most 1,000 bytes. Fewer than eight digits name an incident
    # if one has such an id. Only for root and the group anomalyd-admin. The reply contains what each
    # kind of evidence must now exceed in addition, in decades, and whether an event with the same
    # evidence would still open; null: the feedback has no effect.
    method SetFeedback(id: string, judgement: Judgement, note: ?string) -> (
      event: RecordedEvent,
      raised: []Evidence,
      wouldStillOpen: ?bool,
      # of an incident, the same for its other events
      others: []FeedbackEffect
    )

    # Closes an open event by hand, with a reason of at most 500 bytes; no other one opens on its
    # metric until that was normal. Only for root and the group anomalyd-admin. closed is false if
    # it had been closed before.
    method CloseEvent(id: string, reason: ?string) -> (event: RecordedEvent, closed: bool)

    # The models of the metrics whose whole name matches a shell pattern, or of all, in several
    # replies. To be called with "more".
    method ListModels(pattern: ?string) -> (models: []Model)

    # The models of metrics with these names or matching these shell patterns stop learning, learn
    # again, or discard what they have learnt. Only for root and the group anomalyd-admin. The
    # reply has the changed metrics (at most 1,000), how many have changed, how many were so
    # before, and how many of the changed ones are warming up; a frozen one learns until it is
    # warm.
    method FreezeModels(metrics: []string) -> (
      metrics: []string,
      changed: int,
      unchanged: int,
      warming: int
    )
    method UnfreezeModels(metrics: []string) -> (
      metrics: []string,
      changed: int,
      unchanged: int,
      warming: int
    )
    method ResetModels(metrics: []string) -> (
      metrics: []string,
      changed: int,
      unchanged: int,
      warming: int
    )

    # All snapshots, oldest state first, and the most bytes that those without a user's name take.
    method ListSnapshots() -> (snapshots: []Snapshot, maximumBytes: int)

    # Makes a snapshot of the models of some metrics, by names or shell patterns, or of all. With
    # a name it is kept until it is deleted. To be called with "more"; the reply comes when it is
    # on the disk. Only for root and the group anomalyd-admin.
    method SnapshotModels(name: ?string, metrics: []string) -> (snapshot: Snapshot)

    # Deletes a snapshot. Only for root and the group anomalyd-admin.
    method DeleteSnapshot(name: string) -> (snapshot: Snapshot)

    # Returns the models of some metrics, by names or shell patterns, or of all, to a snapshot:
    # that of a name, or the newest one at or before a time. Events, feedback, the alarm budget
    # and positions stay. To be called with "more"; the reply comes when it is done: metrics that
    # have returned, those that the snapshot does not contain, and those whose state in it is
    # unusable. Only for root and the group anomalyd-admin.
    method RollBackModels(metrics: []string, snapshot: ?string, before: ?string) -> (
      snapshot: Snapshot,
      metrics: int,
      newer: int,
      failed: int,
      firstFailure: ?string,
      # samples that were learnt again
      relearnt: int
    )

    # As RollBackModels, to the newest snapshot at or before a time; then the kept samples that
    # are newer are learnt again, up to this time and after another one.
    method UnlearnModels(
      metrics: []string,
      snapshot: ?string,
      before: ?string,
      until: ?string
    ) -> (
      snapshot: Snapshot,
      metrics: int,
      newer: int,
      failed: int,
      firstFailure: ?string,
      relearnt: int
    )

    # The whole state of a metric, now or in a snapshot, as a file that ImportModel reads: base
    # 64, in several parts, each for itself. To be called with "more".
    method ExportModel(name: string, snapshot: ?string) -> (data: string)

    # Has a metric of this name, or of that in the file, continue from an exported state. What
    # differs between there and here is in the reply. Only for root and the group anomalyd-admin.
    method ImportModel(data: string, name: ?string) -> (
      metric: string,
      source: string,
      exported: string,
      differences: []string
    )

    # No snapshot has this name, or is old enough.
    error NoSuchSnapshot (name: string)

    # Models cannot be changed as requested, with the reason.
    error ModelsRefused (reason: string)

    # The history has no event with this id (any more).
    error NoSuchEvent (id: string)

    # The history has no incident with this id (any more).
    error NoSuchIncident (id: string)

    # Several events, or incidents, have an id with this prefix or suffix.
    error AmbiguousEvent (id: string)

    # No metric has this name.
    error NoSuchMetric (name: string)

    # No silence with this number is active or upcoming.
    error NoSuchSilence (id: string)

    # There are too many connections, of this user or of all; the connection is closed.
    error TooManyClients (reason: string)

    # A silence cannot be added or removed, with the reason.
    error SilenceRefused (reason: string)

    """
}
