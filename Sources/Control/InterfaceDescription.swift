/// The interfaces in Varlink's own language: what `GetInterfaceDescription` replies.
///
/// A test holds every message that is sent against these texts.
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

    # Who this service is and which interfaces it has.
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

    # The method is described but not there.
    error MethodNotImplemented (method: string)

    # A parameter is missing, unknown, or not of its type.
    error InvalidParameter (parameter: string)

    # The caller may not do this.
    error PermissionDenied ()

    # The answer is too long for one reply: call again with "more".
    error ExpectedMore ()

    """

  private static let anomalyd = """
    # anomalyd: anomalies in the metrics of this host.
    #
    # Times are RFC 3339 texts in UTC with milliseconds. Values are in the unit of their metric.
    # Scores are log10 of the number of normal samples per alarm at that height, 0 to 12.
    interface io.anomalyd

    # Where a detector stands: no alarms yet; no event open; an event open.
    type MetricState (warming, normal, anomalous)

    # Where the configuration comes from; no files means built-in defaults.
    type Configuration (files: []string, loaded: string, lastReload: ?Reload)

    # How the last attempt to reload ended; if it failed, the old configuration is in force.
    type Reload (at: string, succeeded: bool, errors: []string)

    # How an input is: nothing is wrong; part of it failed lately; nothing has come since its newest
    # error; nothing has come for longer than StallAfter=.
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
      # values that are no numbers by intent
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

    # How messages get from an outbox to its endpoint; counters since the outbox was made.
    type Delivery (
      waiting: int,
      delivered: int,
      attempts: int,
      failures: int,
      # never to be taken by the endpoint, and how many of those are kept
      refused: int,
      kept: int,
      expired: int,
      lastSuccessAt: ?string,
      lastAnswer: ?string,
      lastAnswerAt: ?string,
      retryAt: ?string,
      # why nothing is sent until somebody changes something
      stopped: ?string,
      tests: []TestAnswer
    )

    # What an endpoint said to a test message; without a status there was no answer.
    type TestAnswer (
      message: string,
      delivered: bool,
      status: ?int,
      body: string,
      error: ?string,
      seconds: float
    )

    # Metrics by state; refused counts requests for a new one while the table was full, silent
    # metrics without a sample for much longer than usual, forgotten and displaced those that have
    # left the table since the start: after ForgetAfter=, or for a new one while it was full.
    type Counts (
      registered: int,
      limit: int,
      refused: int,
      warming: int,
      normal: int,
      anomalous: int,
      silent: int,
      forgotten: int,
      displaced: int
    )

    # The alarm budget of the host: normal samples per alarm that it allows each metric, and the
    # alarms told that are not paid back yet.
    type Budget (alarmsPerDay: float, samplesPerAlarm: float, overdraft: float)

    # What the daemon costs.
    type Resources (
      residentBytes: int,
      bytesPerMetric: int,
      nanosecondsPerSample: ?float,
      samples: int,
      cpuSeconds: float
    )

    # How safe the learnt state is; nextIn in seconds.
    type Checkpoint (
      lastAt: ?string,
      bytes: int,
      milliseconds: float,
      nextIn: ?float,
      lastError: ?string
    )

    # The control socket: clients now, and counters since the start; closed counts clients that broke
    # a limit or the protocol.
    type Control (
      clients: int,
      accepted: int,
      turnedAway: int,
      calls: int,
      errors: int,
      closed: int
    )

    # An event that is open, with value and band at its opening. Severity is info, warning, error
    # or critical; direction is high, low or unusual; reason is a kind of evidence, limit or silence.
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
      # the silence that keeps it from outputs; none: they have been told
      silencedBy: ?string
    )

    # The record of events: how many it knows, bytes on the disk, entries that wait to be written, and
    # those given up because too many waited.
    type Record (events: int, bytes: int, waiting: int, dropped: int, lastError: ?string)

    # What can be said about an event: nothing was wrong; something was; what was said is withdrawn.
    type Judgement (falseAlarm, confirmed, withdrawn)

    # What somebody said about an event; user is a user id of this host.
    type Feedback (judgement: Judgement, at: string, user: int, note: string)

    # An event as the record has it: its newest step (opened, updated or closed), the event as it
    # stood then, what was told of it, when that was recorded by the daemon's clock, and what kept
    # outputs from hearing of it.
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

    # Events that overlap in time: the place of one of them in the order of their beginnings (from
    # 1), how many there were and how many are open, and the first of them.
    type Incident (id: string, position: int, size: int, open: int, events: []Member)

    # What was said about an event of a metric, and what it adds to the base of each kind of evidence
    # now.
    type MetricFeedback (event: string, judgement: Judgement, at: string, effect: []Evidence)

    # Events that overlap in time, named after the event with which they opened; size counts all of
    # its events, metrics names some in the order in which their events began.
    type OpenIncident (
      id: string,
      began: string,
      severity: string,
      size: int,
      open: int,
      metrics: []string
    )

    # How far the warm-up of a metric is, in samples.
    type WarmUp (seen: int, needed: int, expectedEnd: ?string)

    # A metric at its newest sample.
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
      level: float
    )

    # How rare one kind of evidence is on this metric, in decades.
    type Evidence (kind: string, decades: float)

    # A sample of the past; no value is a gap.
    type Sample (at: string, value: ?float)

    # A number with a name.
    type Fact (name: string, value: ?float)

    # A sample as it passes, with what the detector made of it; no value is a gap.
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

    # Where a silence stands: it will hold later; it holds now; it is over for good.
    type SilenceState (waiting, active, ended)

    # Times in which outputs hear nothing of events that open, or detectors forget what they learn.
    # A configured one has the name of its section and a schedule, one that was called for a number
    # and a user. No metrics means all; from is when it last began or begins next, until when it
    # ends or ended, none where that is farther away than a year.
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
      # open events that outputs have not been told of because of it
      heldEvents: int
    )

    # What is kept of detectors to undo what they learn in silences; refused counts the metrics that
    # learn all the same, because there was no memory left.
    type LearningSnapshot (metrics: int, bytes: int, maximumBytes: int, refused: int)

    # Steps in the life of events of one severity since the start: those that outputs were told of,
    # and those that silences kept from them.
    type EventCounts (severity: string, opened: int, updated: int, closed: int, silenced: int)

    # The file of metrics for node_exporter.
    type Textfile (path: string, writtenAt: ?string, lastError: ?string)

    # How the daemon, its inputs and its outputs are, and which events are open (newest first, at
    # most 100 of them).
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
      # those that hold now
      incidents: []OpenIncident,
      silences: []Silence,
      learningSnapshots: LearningSnapshot,
      events: []EventCounts,
      textfile: ?Textfile
    )

    # The metrics whose whole name matches a shell pattern (*, ?, [...]) and that are in a state;
    # without one or the other, all. With "more" they come in several replies; without it, a list
    # that is too long for one reply is refused with org.varlink.service.ExpectedMore.
    method ListMetrics(pattern: ?string, state: ?MetricState) -> (metrics: []Metric)

    # All about one metric.
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
      # those that hold for it now
      silences: []Silence
    )

    # The samples of the metrics whose whole name matches a shell pattern, of all without one, as
    # they pass, until the caller hangs up. Only with "more". A caller that is too slow misses
    # samples; lost says how many since the reply before.
    method Tap(pattern: ?string) -> (samples: []TapSample, lost: int)

    # Hands a test event, its opening and its close, to one output. Where that has an endpoint, the
    # answers to the messages appear in Status, as tests of its delivery. Needs the right to change
    # what the daemon does.
    method TestOutput(name: string) -> (messages: []string, taken: bool, error: ?string)

    # No output has this name.
    error NoSuchOutput (name: string)

    # All silences: those of the configuration, then those called for in the order of their numbers.
    method ListSilences() -> (silences: []Silence)

    # Calls for a silence of so many seconds, from now on or a later moment, for metrics that match a
    # shell pattern or for all. Who calls must be root or in the group anomalyd-admin.
    method AddSilence(
      metrics: []string,
      from: ?string,
      seconds: int,
      suppressesAlarms: bool,
      suppressesLearning: bool,
      reason: string
    ) -> (silence: Silence)

    # Ends a silence that was called for. Who calls must be root or in the group anomalyd-admin.
    method RemoveSilence(id: string) -> (silence: Silence)

    # The events in the record, newest first: of metrics whose whole name matches a shell pattern,
    # opened at or after a time, open now, at least of a severity (info, warning, error, critical),
    # at most so many. To be called with "more". The step is that of the newest one in the record when
    # the list began.
    method ListEvents(
      pattern: ?string,
      since: ?string,
      open: ?bool,
      severity: ?string,
      limit: ?int
    ) -> (events: []RecordedEvent, step: int)

    # Every step of an event, as it happens: after the step of an earlier reply, or from now on. Steps
    # have rising numbers; each reply tells up to where it goes. The other parameters are those of
    # ListEvents. To be called with "more".
    method FollowEvents(
      pattern: ?string,
      since: ?string,
      open: ?bool,
      severity: ?string,
      limit: ?int,
      after: ?int
    ) -> (events: []RecordedEvent, step: int)

    # All about one event: by its id, or the beginning or the end of it.
    method ShowEvent(id: string) -> (
      event: RecordedEvent,
      samples: []Sample,
      evidence: []Evidence,
      incident: ?Incident
    )

    # Says something about an event, which changes at which evidence its metric alarms; the note has
    # at most 1,000 bytes. Only for root and the group anomalyd-admin. The reply says what each kind
    # of evidence must exceed in addition now, in decades, and whether an event with the same evidence
    # would still open; null: the feedback changes nothing.
    method SetFeedback(id: string, judgement: Judgement, note: ?string) -> (
      event: RecordedEvent,
      raised: []Evidence,
      wouldStillOpen: ?bool
    )

    # The record has no event with this id (any more).
    error NoSuchEvent (id: string)

    # Several events have an id that begins or ends so.
    error AmbiguousEvent (id: string)

    # No metric has this name.
    error NoSuchMetric (name: string)

    # No silence that is yet to end has this number.
    error NoSuchSilence (id: string)

    # A silence cannot be added or removed; the reason is for a person.
    error SilenceRefused (reason: string)

    """
}
