import Calendar
public import Detection
public import Series
public import Settings

/// What is decided about a metric when it is first seen.
public enum MetricPolicy: Equatable, Sendable {
  /// Its samples are thrown away (`Ignore=yes`).
  case ignore
  /// It is watched by a detector of this kind, and its events are subject to these rules.
  /// - Parameter sharesHostBudget: its alarms are those of the host's budget; then the detector's
  ///   own budget is ``HostBudget/fewestSamplesPerAlarm``.
  case watch(DetectorConfiguration, EventRules = EventRules(), sharesHostBudget: Bool = false)
}

/// From samples to events: one detector, one tracker and one history per metric.
public final class Pipeline: SampleSink {
  /// The limits of a pipeline.
  public struct Limits: Equatable, Sendable {
    /// The most metrics, >= 1.
    public var metrics: Int
    /// Recent samples kept of each, >= 1.
    public var history: Int
    /// The most bytes that are kept to undo what is learnt in silences, >= 0.
    public var silenceBytes = 64 << 20

    /// These limits.
    public init(metrics: Int, history: Int) {
      self.metrics = metrics
      self.history = history
    }
  }

  /// The metrics, in order of registration, until one is forgotten: then the last one takes its
  /// place.
  public internal(set) var tracks: [MetricTrack] = []
  /// Samples taken since the start, those of ignored metrics not.
  public private(set) var samples = 0
  /// Time that went into samples since the start, as measured around batches.
  public private(set) var busyNanoseconds: Int64 = 0
  /// Requests for a new metric that were refused because the table was full, since the start.
  public var refusals: Int { registry.refusals }
  /// How metrics age, since the start.
  public internal(set) var ageing = AgeingFacts()
  /// The limits in force.
  public private(set) var limits: Limits
  /// The alarms that the metrics share which have no budget of their own.
  public internal(set) var budget: HostBudget
  /// Where every step in the life of an event goes.
  public var onTransition: (EventTransition) -> Void = { _ in }

  /// Hears of each metric that is forgotten.
  var onForget: (MetricName) -> Void = { _ in }

  /// Time since any moment, standing still while the machine sleeps.
  let clock: () -> Duration
  /// The moment of the batch that runs, by ``clock``.
  var now: Duration
  var registry: MetricRegistry
  /// Before this moment, by ``clock``, no metric can give way to another.
  var roomFrom = Duration.zero
  /// Open events of metrics that have not been seen yet.
  private var expected: [MetricName: Event] = [:]
  private var policy: (MetricName) -> MetricPolicy
  let scratch = Watcher.Scratch()
  /// Which silences hold.
  let silenceBook: SilenceBook
  /// What is kept of detectors because of them.
  let keptLearning = KeptLearningAccount()
  let hostSeed: UInt64
  private var silences = SilenceSummary()
  /// Who watches samples pass; mostly nobody.
  private(set) var taps: [SampleTap] = []
  /// Swallows samples, so that an input need not know of ``MetricPolicy/ignore``.
  static let ignored = MetricID(index: -1)

  /// A pipeline that knows no metric.
  /// - Parameters:
  ///   - hostSeed: tells hosts apart in event ids.
  ///   - alarmsPerDay: what metrics share that have no budget of their own, > 0.
  ///   - clock: time since any moment, standing still while the machine sleeps.
  ///   - silences: which silences hold.
  ///   - policy: decides about each new metric.
  package init(
    limits: Limits,
    hostSeed: UInt64,
    alarmsPerDay: Double = AlarmBudget.standardAlarmsPerDay,
    clock: @escaping () -> Duration = { MonotonicTime.awake },
    silences: SilenceBook = SilenceBook(local: .utc),
    policy: @escaping (MetricName) -> MetricPolicy
  ) {
    self.limits = limits
    budget = HostBudget(alarmsPerDay: alarmsPerDay)
    self.clock = clock
    now = clock()
    self.hostSeed = hostSeed
    silenceBook = silences
    self.policy = policy
    registry = MetricRegistry(capacity: limits.metrics)
  }

  /// The metric of that name.
  public func track(named name: MetricName) -> MetricTrack? {
    registry.id(of: name).map { tracks[$0.index] }
  }

  /// The id of a metric, registered on first sight; nil when the table is full.
  public func metric(named name: MetricName) -> MetricID? { id(of: name, .values) }

  /// The id of a stream of events, registered on first sight; nil when the table is full.
  public func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    id(of: name, .symbols, inPlaceOf: idle)
  }

  private func id(
    of name: MetricName, _ family: Evidence.Family, inPlaceOf idle: MetricID? = nil
  ) -> MetricID? {
    guard case .watch(let configuration, let rules, let shares) = policy(name) else {
      return Pipeline.ignored
    }
    let known = registry.id(of: name)
    if let known, tracks[known.index].family == family { return known }
    // Also where values turn into events: what was learnt of the ones says nothing about the others.
    var place = known?.index
    if place == nil, let idle, registry.isValid(idle) { place = idle.index }
    if place == nil, registry.isFull { place = placeToTake() }
    guard let id = place.map({ registry.replace(at: $0, by: name) }) ?? registry.register(name)
    else {
      return nil
    }
    var tracker = EventTracker(metric: name, hostSeed: hostSeed, rules: rules)
    if let orphan = expected.removeValue(forKey: name) { tracker.expect(orphan) }
    let track = MetricTrack(
      name: name,
      watcher: Watcher(family, configuration: configuration, scratch: scratch),
      tracker: tracker,
      share: shares ? BudgetShare() : nil,
      historyCapacity: limits.history,
      heard: now
    )
    if let place {
      displace(place, by: track)
    } else {
      tracks.append(track)
    }
    return id
  }

  /// Says that an event was open before a crash, see ``EventTracker/expect(_:)``; of a metric that
  /// is not there yet, its tracker will hear. To be called after all metrics are restored and before
  /// any input runs.
  func expect(_ event: Event) {
    guard let id = registry.id(of: event.metric) else {
      expected[event.metric] = event
      return
    }
    tracks[id.index].tracker.expect(event)
  }

  /// Whether an event is open as far as its metric's tracker knows.
  func hasOpen(_ event: Event) -> Bool {
    track(named: event.metric)?.openEvent?.id == event.id
  }

  /// Takes up what a person said about an event; see ``MetricTrack/note(_:of:evidence:at:)``.
  func note(
    _ judgement: FeedbackLedger.Judgement, of event: Event, evidence: SIMD8<Float>?,
    at: Timestamp? = nil
  ) {
    guard let id = registry.id(of: event.metric) else { return }
    tracks[id.index].note(judgement, of: event.id, evidence: evidence, at: at)
  }

  /// Forgets what was said about an event.
  func withdraw(_ event: Event) {
    guard let id = registry.id(of: event.metric) else { return }
    tracks[id.index].withdraw(event.id)
  }

  /// Takes it back that an event is expected.
  func dismiss(_ event: Event) {
    if expected[event.metric]?.id == event.id { expected[event.metric] = nil }
    guard let id = registry.id(of: event.metric) else { return }
    tracks[id.index].tracker.dismiss(event)
  }

  /// Takes one sample of a metric.
  public func receive(_ sample: Sample, of metric: MetricID) {
    guard isKnown(metric) else { return }
    enterSilence(metric, at: sample.timestamp)
    finish(tracks[metric.index].advance(sample, budget: &budget), of: metric)
  }

  /// Takes one event of a stream.
  public func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    guard isKnown(stream) else { return }
    enterSilence(stream, at: timestamp)
    finish(tracks[stream.index].advance(event: id, at: timestamp, budget: &budget), of: stream)
  }

  /// Whether something comes of a metric that is not forgotten; else its input asks for it anew.
  private func isKnown(_ metric: MetricID) -> Bool {
    if registry.isValid(metric) { return true }
    if metric != Pipeline.ignored { ageing.strays += 1 }
    return false
  }

  /// Looks which silences hold where others may hold than at the newest sample.
  private func enterSilence(_ metric: MetricID, at timestamp: Timestamp) {
    let moment = timestamp.nanoseconds
    let silence = tracks[metric.index].silence
    if moment < silence.from || moment >= silence.until { enter(metric.index, at: timestamp) }
  }

  private func finish(_ outcome: MetricTrack.Outcome, of metric: MetricID) {
    tracks[metric.index].heard = now
    samples += 1
    if !taps.isEmpty, let sample = tracks[metric.index].newest { tell(taps, sample, of: metric) }
    if let silence = outcome.silence {
      silences.add(silence, of: tracks[metric.index].name)
    }
    for transition in outcome.transitions { onTransition(transition) }
  }

  private func tell(_ taps: [SampleTap], _ sample: Sample, of metric: MetricID) {
    for tap in taps { tap.note(sample, of: tracks[metric.index], at: metric.index) }
  }

  /// Takes from the host's budget what an alarm costs that is told to somebody.
  /// - Parameter beginsIncident: it is the first of its incident.
  public func charge(_ metric: MetricName, beginsIncident: Bool) {
    guard let id = registry.id(of: metric), var share = tracks[id.index].share else { return }
    budget.spend(&share, beginsIncident: beginsIncident)
    tracks[id.index].share = share
  }

  /// Goes on with what the host owed before a restart, from ``encodeBudget()``; once all metrics
  /// are restored.
  package func restoreBudget(_ bytes: [UInt8]) -> String? {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      let overdraft = try reader.readDouble()
      try reader.requireEnd()
      budget.resume(overdraft: overdraft)
      return nil
    } catch {
      return error.description
    }
  }

  /// What the host owes, as bytes.
  package func encodeBudget() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(budget.overdraft)
    return writer.bytes
  }

  /// Lets somebody see the samples that pass.
  func attach(_ tap: SampleTap) { taps.append(tap) }

  /// Ends that.
  func detach(_ tap: SampleTap) { taps.removeAll { $0 === tap } }

  /// Runs a batch of samples and counts the time that it takes.
  public func batch<Result>(_ body: () -> Result) -> Result {
    now = clock()
    let start = MonotonicTime.now
    defer { busyNanoseconds += MonotonicTime.now.nanoseconds - start.nanoseconds }
    return body()
  }

  /// The unusual silences since the last call.
  public func takeSilences() -> SilenceSummary {
    defer { silences = SilenceSummary() }
    return silences
  }

  /// Bytes that one metric takes, history included.
  public var bytesPerMetric: Int { MetricTrack.byteCount(historyCapacity: limits.history) }

  /// Goes on under other limits and another policy; what has been learnt stays.
  ///
  /// A limit below the number of metrics that are there takes away none of them. Metrics that are
  /// to be ignored from now on take no more samples and stay in the table until the next start.
  /// - Parameter alarmsPerDay: of the budget that metrics share; what is owed stays owed.
  /// - Returns: the metrics whose detector could not take on its new configuration, with the
  ///   reason; they go on under the old one.
  public func reconfigure(
    limits: Limits,
    alarmsPerDay: Double = AlarmBudget.standardAlarmsPerDay,
    policy: @escaping (MetricName) -> MetricPolicy
  ) -> [(metric: MetricName, reason: String)] {
    var refused: [(metric: MetricName, reason: String)] = []
    registry.resize(to: limits.metrics)
    roomFrom = .zero
    self.limits = limits
    self.policy = policy
    let overdraft = budget.overdraft
    budget = HostBudget(alarmsPerDay: alarmsPerDay)
    budget.resume(overdraft: overdraft)
    for index in tracks.indices {
      tracks[index].resizeHistory(to: limits.history)
      let watcher = tracks[index].watcher
      guard case .watch(let configuration, let rules, let shares) = policy(tracks[index].name)
      else {
        tracks[index].share = nil
        continue
      }
      tracks[index].tracker.rules = rules
      tracks[index].share = shares ? tracks[index].share ?? BudgetShare() : nil
      if let share = tracks[index].share { budget.admit(share) }
      guard configuration != watcher.configuration else { continue }
      do throws(DetectorDecodingError) {
        tracks[index].watcher = try Watcher(
          watcher.family,
          decoding: watcher.encode(),
          configuration: configuration,
          scratch: scratch
        )
        tracks[index].restore(tracks[index].feedback)
      } catch {
        refused.append((tracks[index].name, error.description))
      }
    }
    return refused
  }

  /// Takes up a metric from what its ``MetricTrack/encode()`` gave; before any input runs.
  /// - Returns: nil if it was restored or is ignored, else why it starts afresh.
  package func restore(_ name: MetricName, from bytes: [UInt8]) -> String? {
    guard case .watch(let configuration, let rules, let shares) = policy(name),
      registry.id(of: name) == nil
    else {
      return nil
    }
    guard registry.count < registry.capacity else {
      return "expected at most \(registry.capacity) metrics"
    }
    do throws(TrackDecodingError) {
      let track = try MetricTrack(
        decoding: bytes,
        name: name,
        configuration: configuration,
        sharesHostBudget: shares,
        rules: rules,
        scratch: scratch,
        hostSeed: hostSeed,
        historyCapacity: limits.history,
        heard: now,
        keptLearning: keptLearning
      )
      _ = registry.register(name)
      tracks.append(track)
      if let share = track.share { budget.admit(share) }
      return nil
    } catch {
      return error.description
    }
  }
}

/// Unusual silences of some metrics, in short.
public struct SilenceSummary: Equatable, Sendable {
  /// How many there were.
  public private(set) var count = 0
  /// The metric with the longest one.
  public private(set) var metric: MetricName?
  /// How long that was.
  public private(set) var longest = Duration.zero

  /// What is shorter is counted with its metric, and no news: milliseconds of a fast sensor.
  private static let leastNews = Duration.seconds(10)

  mutating func add(_ silence: Duration, of metric: MetricName) {
    guard silence >= SilenceSummary.leastNews else { return }
    count += 1
    guard silence > longest else { return }
    longest = silence
    self.metric = metric
  }
}
