import Calendar
public import Detection
public import Events
public import Series

/// What is decided about a metric when it is first seen.
public enum MetricPolicy: Equatable, Sendable {
  /// Its samples are thrown away (`Ignore=yes`).
  case ignore
  /// It is watched by a detector of this kind, and its events are subject to these rules.
  /// - Parameter sharesHostBudget: its alarms are those of the host's budget; then the detector's
  ///   own budget is ``HostBudget/fewestSamplesPerAlarm``.
  case watch(DetectorConfiguration, EventRules = EventRules(), sharesHostBudget: Bool = false)
}

/// Who watches samples pass.
package protocol SampleObserver: AnyObject {
  /// Takes note of a sample that its metric has just taken.
  func note(_ sample: Sample, of metric: MonitoredMetric, at index: Int)
  /// Another metric has taken the place of one that was forgotten.
  func forget(_ index: Int)
}

/// From samples to events: one detector, one tracker and one history per metric.
public final class HostMonitor: SampleSink {
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
  public internal(set) var tracks: [MonitoredMetric] = []
  /// Samples taken since the start, those of ignored metrics not.
  public private(set) var samples = 0
  /// Time that went into samples since the start, as measured around batches.
  public private(set) var busy = Duration.zero
  /// Requests for a new metric that were refused because the table was full, since the start.
  public var refusals: Int { registry.refusals }
  /// How metrics age, since the start.
  public internal(set) var ageing = AgeingFacts()
  /// The limits in force.
  public internal(set) var limits: Limits
  /// The alarms that the metrics share which have no budget of their own.
  public internal(set) var budget: HostBudget
  /// Where every step in the life of an event goes.
  public var onTransition: (EventTransition) -> Void = { _ in }

  /// Is asked to end what needs metrics as they are, before one gives way to another.
  package var onDisplace: () -> Void = {}
  /// Whether samples wait, see ``hold()``.
  package var isHolding = false
  /// Those that do.
  package var held = HeldSamples()

  /// Hears of each metric that is forgotten.
  package var onForget: (MetricName) -> Void = { _ in }

  /// Time since any moment, standing still while the machine sleeps.
  package let clock: () -> Duration
  /// The moment of the batch that runs, by ``clock``.
  package var now: Duration
  package var registry: MetricRegistry
  /// Before this moment, by ``clock``, no metric can give way to another.
  package var roomFrom = Duration.zero
  /// Open events of metrics that have not been seen yet.
  package var expected: [MetricName: Event] = [:]
  package var policy: (MetricName) -> MetricPolicy
  package let scratch = DetectorScratch()
  /// Which silences hold.
  package let silenceBook: SilenceBook
  /// What is kept of detectors because of them.
  package let learningSnapshots = LearningSnapshotAccount()
  package let hostSeed: UInt64
  package var silences = GapSummary()
  /// Who watches samples pass; mostly nobody.
  package private(set) var taps: [any SampleObserver] = []
  /// Swallows samples, so that an input need not know of ``MetricPolicy/ignore``.
  package static let ignored = MetricID(index: -1)

  /// A pipeline that knows no metric.
  /// - Parameters:
  ///   - hostSeed: tells hosts apart in event ids.
  ///   - alarmsPerDay: what metrics share that have no budget of their own, > 0.
  ///   - clock: time since any moment, standing still while the machine sleeps; the default stands
  ///     still, for recordings.
  ///   - silences: which silences hold.
  ///   - policy: decides about each new metric.
  package init(
    limits: Limits,
    hostSeed: UInt64,
    alarmsPerDay: Double = HostBudget.standardAlarmsPerDay,
    clock: @escaping () -> Duration = { .zero },
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

  /// Takes one sample of a metric.
  public func receive(_ sample: Sample, of metric: MetricID) {
    guard isKnown(metric) else { return }
    guard !isHolding else { return held.append(sample, of: metric) }
    enterSilence(metric, at: sample.timestamp)
    // Inputs deliver their metrics in the order in which they were registered.
    let place = metric.index + 1
    let next = place < tracks.count ? tracks[place].detector : nil
    finish(
      tracks[metric.index].advance(
        .value(sample.value), at: sample.timestamp, budget: &budget, next: next),
      of: metric)
  }

  /// Takes one event of a stream.
  public func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    guard isKnown(stream) else { return }
    guard !isHolding else { return held.append(event: id, at: timestamp, of: stream) }
    enterSilence(stream, at: timestamp)
    finish(
      tracks[stream.index].advance(.symbol(id), at: timestamp, budget: &budget), of: stream)
  }

  /// Whether something comes of a metric that is not forgotten; else its input asks for it anew.
  private func isKnown(_ metric: MetricID) -> Bool {
    if registry.isValid(metric) { return true }
    if metric != HostMonitor.ignored { ageing.strays += 1 }
    return false
  }

  /// Looks which silences hold where others may hold than at the newest sample.
  private func enterSilence(_ metric: MetricID, at timestamp: Timestamp) {
    let moment = timestamp.nanoseconds
    let silence = tracks[metric.index].silence
    if moment < silence.from || moment >= silence.until { enter(metric.index, at: timestamp) }
  }

  private func finish(_ outcome: MonitoredMetric.Outcome, of metric: MetricID) {
    tracks[metric.index].heard = now
    samples += 1
    if !taps.isEmpty, let sample = tracks[metric.index].newest { tell(taps, sample, of: metric) }
    if let silence = outcome.silence {
      silences.add(silence, of: tracks[metric.index].name)
    }
    for transition in outcome.transitions { onTransition(transition) }
  }

  private func tell(_ taps: [any SampleObserver], _ sample: Sample, of metric: MetricID) {
    for tap in taps { tap.note(sample, of: tracks[metric.index], at: metric.index) }
  }

  /// Lets somebody see the samples that pass.
  package func attach(_ tap: any SampleObserver) { taps.append(tap) }

  /// Ends that.
  package func detach(_ tap: any SampleObserver) { taps.removeAll { $0 === tap } }

  /// Runs a batch of samples and counts the time that it takes.
  public func batch<Result>(_ body: () -> Result) -> Result {
    now = clock()
    let start = now
    defer { busy += clock() - start }
    return body()
  }

  /// The unusual silences since the last call.
  public func takeSilences() -> GapSummary {
    defer { silences = GapSummary() }
    return silences
  }

  /// Bytes that one metric takes, history included.
  public var bytesPerMetric: Int { MonitoredMetric.byteCount(historyCapacity: limits.history) }
}
