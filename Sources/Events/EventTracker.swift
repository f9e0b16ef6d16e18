public import Detection
public import Series

/// The only event state machine: follows the open event of a metric from its opening through
/// updates to its close.
///
/// The detector decides which samples alarm; ``EventRules`` decide which alarms count, how long a
/// metric must be normal before its event closes, and which values are beyond limits regardless of
/// the detector. All decisions use event time, so that a backtest and the daemon agree.
public struct EventTracker: Sendable {
  /// The metric.
  public let metric: MetricName
  /// Consecutive samples without an alarm that close an event even before the hold-off has passed;
  /// nil: no number does.
  public let quietSamples: UInt16?
  let hostSeed: UInt64
  /// Empty if everything is at its default, as for nearly every metric.
  var limits: [LimitWatch] = []
  /// The newest event, open or closed: zero or one, on the heap, since hardly any metric has one.
  var kept: [Event] = []
  var pacing: UpdatePacing?
  /// The newest sample of the open event that alarmed or lay beyond a limit.
  var abnormalAt = Timestamp(nanoseconds: 0)
  /// Samples since that one; saturates.
  var quiet: UInt16 = 0
  /// Whether a user closed an event and the metric has not been normal since: no other one opens
  /// until it is.
  var isDismissed = false
  private var orphan: Orphan?
  /// The earlier ones.
  var memory = EventMemory()

  /// A tracker without an event.
  /// - Parameter hostSeed: distinguishes hosts in event ids; 0 in a backtest.
  public init(
    metric: MetricName, hostSeed: UInt64, rules: EventRules = EventRules(),
    quietSamples: UInt16? = nil
  ) {
    self.metric = metric
    self.quietSamples = quietSamples
    self.hostSeed = hostSeed
    self.rules = rules
  }

  /// The rules in force; a change takes effect with the next sample.
  public var rules: EventRules {
    get { limits.first?.rules ?? EventRules() }
    set {
      limits = newValue == EventRules() ? [] : [LimitWatch(newValue, after: limits.first)]
    }
  }

  /// The possible values of the metric; nil if unknown.
  public var possible: ClosedRange<Double>? { limits.isEmpty ? nil : limits[0].rules.possible }

  /// Adopts the limits reported by the measured device.
  package mutating func adopt(_ hardware: HardwareLimits) {
    if !limits.isEmpty { limits[0].adopt(hardware) }
  }

  /// The open event.
  public var openEvent: Event? { isOpen ? kept.first : nil }

  /// The newest event, open or closed.
  public var newestEvent: Event? { kept.first }

  /// Whether there is one, open or closed, without copying it.
  public var hasEvent: Bool { !kept.isEmpty }

  /// Whether an event is open that a detector opened and that is above `info`.
  package var isPaging: Bool {
    guard isOpen, kept[0].severity > .info, case .evidence = kept[0].cause else { return false }
    return true
  }

  /// Whether the newest is open, without copying it.
  public var isOpen: Bool { !kept.isEmpty && kept[0].closed == nil }

  /// Processes the verdict on a sample. Allocates only if an event opens, is updated or closes. A
  /// gap changes nothing.
  /// - Parameter history: the samples up to and including this one.
  /// - Parameter symbols: facts for an event that opens on a trace.
  /// - Parameter columns: facts for an event that opens on the rows of a model.
  /// - Returns: at most one step, or two when an event recovered after a crash ends.
  public mutating func advance(
    _ sample: Sample, _ verdict: Verdict, history: RingBuffer, symbols: SymbolFacts? = nil,
    columns: [ColumnFact] = []
  ) -> [EventTransition] {
    guard sample.value.isFinite else { return [] }
    if let orphan, sample.timestamp > orphan.event.opened {
      self.orphan = nil
      let ended = adopt(orphan.event, at: sample.timestamp)
      return ended
        + advance(sample, verdict, history: history, symbols: symbols, columns: columns)
    }
    let crossing =
      limits.isEmpty
      ? LimitWatch.Crossing() : limits[0].take(sample, isLearning: verdict.isLearning)
    if isOpen {
      guard isAnother(sample, verdict, crossing, history) else {
        return proceed(sample, verdict, crossing)
      }
      kept[0].closed = sample.timestamp
      memory.note(kept[0])
      return [.closed(kept[0])]
        + begin(sample, verdict, crossing, history, symbols: symbols, columns: columns)
    }
    guard crossing.isBeyond || verdict.isAlarming else {
      if isDismissed, verdict.state != .anomalous, !crossing.host.isBeyondClear {
        isDismissed = false
      }
      return missedVisit(at: sample)
    }
    guard !isDismissed else { return [] }
    return begin(sample, verdict, crossing, history, symbols: symbols, columns: columns)
  }

  /// Expects an event of this metric that opened after the last checkpoint before a crash.
  ///
  /// If the samples since then are reread, the event opens again under its id. If not, it is
  /// adopted with the first sample after its opening: it closes if the metric is normal, and stays
  /// open if the metric is anomalous.
  public mutating func expect(_ event: Event) {
    precondition(event.metric == metric, "an event belongs to one metric")
    if openEvent?.id != event.id { orphan = Orphan(event) }
  }

  /// No longer expects an event.
  public mutating func dismiss(_ event: Event) {
    if orphan?.event.id == event.id { orphan = nil }
  }

  /// Adopts an expected event that did not open again.
  /// - Returns: its close, if another one is open.
  private mutating func adopt(_ event: Event, at moment: Timestamp) -> [EventTransition] {
    guard openEvent?.id != event.id else { return [] }
    guard !isOpen else {
      var over = event
      over.closed = moment
      return [.closed(over)]
    }
    kept = [event]
    abnormalAt = event.updated ?? event.opened
    quiet = 0
    pacing = UpdatePacing(of: event, at: abnormalAt)
    return []
  }

  /// Closes the open event for a reason other than that the metric is normal again.
  /// - Returns: its close; nil if none is open.
  public mutating func close(
    at moment: Timestamp, because ending: EventEnding = .normal
  ) -> EventTransition? {
    guard isOpen else { return nil }
    kept[0].closed = max(moment, kept[0].opened)
    kept[0].ending = ending
    return .closed(kept[0])
  }

  /// Closes the open event on behalf of a user.
  /// - Returns: its close; nil if another one is open, or none.
  public mutating func close(
    _ id: EventID, at moment: Timestamp, by closing: ManualClosing
  ) -> EventTransition? {
    guard isOpen, kept[0].id == id else { return nil }
    kept[0].closing = closing
    isDismissed = true
    return close(at: moment, because: .byHand)
  }

  private mutating func proceed(
    _ sample: Sample, _ verdict: Verdict, _ crossing: LimitWatch.Crossing
  ) -> [EventTransition] {
    let holdOff = limits.first?.holdOff(of: kept[0].cause) ?? .zero
    var isAbnormal = crossing.isBeyond || verdict.isAlarming
    if case .hostLimit = kept[0].cause { isAbnormal = isAbnormal || crossing.host.isBeyondClear }
    isAbnormal = isAbnormal || limits.first?.holdsOpen(kept[0], at: sample, crossing) ?? false
    // If the clock has been set back, the hold-off starts over.
    if isAbnormal || sample.timestamp < abnormalAt {
      abnormalAt = sample.timestamp
      quiet = 0
    } else {
      quiet = quiet == .max ? .max : quiet + 1
    }
    if take(sample, verdict, crossing) { return [update(.worse, at: sample.timestamp)] }
    if isAbnormal {
      guard let update = pacing?.due(kept[0], at: sample.timestamp) else {
        return []
      }
      return [self.update(update, at: sample.timestamp)]
    }
    guard verdict.state != .anomalous,
      sample.timestamp.elapsed(since: abnormalAt) >= holdOff
        || quietSamples.map({ quiet >= $0 }) ?? false
    else { return [] }
    kept[0].closed = sample.timestamp
    memory.note(kept[0])
    return [.closed(kept[0])]
  }

  mutating func update(_ update: EventUpdate, at moment: Timestamp) -> EventTransition {
    kept[0].update = update
    kept[0].updated = moment
    pacing?.noteUpdate(kept[0], at: moment)
    return .updated(kept[0])
  }

  /// - Parameter peak: a score used instead of the verdict's, treated as alarming.
  func severity(
    _ verdict: Verdict, _ crossing: LimitWatch.Crossing, of value: Double, peak: Float? = nil
  ) -> Severity {
    let rarity = Severity(
      excess: (peak ?? verdict.score) - verdict.threshold,
      on: Event.Reading(
        value: value, expected: verdict.expected, lower: verdict.lower, upper: verdict.upper))
    return limits.first?.severity(
      of: value, crossing, rarity: verdict.isAlarming || peak != nil ? rarity : nil) ?? rarity
  }

  /// Compares the open event, as it is now, with earlier ones.
  /// - Returns: whether it has just exceeded what is usual.
  private mutating func outgrowsUsual(at moment: Timestamp) -> Bool {
    guard var recurrence = kept[0].recurrence else { return false }
    recurrence.follow(
      size: EventMemory.size(of: kept[0], at: kept[0].peakValue),
      lasting: moment.elapsed(since: kept[0].began))
    defer { kept[0].recurrence = recurrence }
    return recurrence.standing != kept[0].recurrence?.standing
  }

  /// A configured severity takes precedence, and a condition that will stop the host is critical
  /// every night.
  func rated(_ severity: Severity, by recurrence: Recurrence?) -> Severity {
    guard let recurrence, severity < .critical, rules.severity == nil else { return severity }
    return min(severity, recurrence.mostSevere)
  }

  /// Adds a further sample to the open event.
  /// - Returns: whether it is the first beyond a limit, or the event has just exceeded what is
  ///   usual.
  @discardableResult
  mutating func take(
    _ sample: Sample, _ verdict: Verdict, _ crossing: LimitWatch.Crossing
  ) -> Bool {
    let isAnomalous = crossing.isBeyond || verdict.state == .anomalous
    kept[0].take(sample, verdict)
    // A job that does not end need not alarm any more: the detector adapts to it.
    var outgrows = isAnomalous && outgrowsUsual(at: sample.timestamp)
    if kept[0].recurrence?.standing == .excessive,
      crossing.isBeyond || verdict.isAlarming && verdict.pages
    {
      kept[0].recurrence = nil
      outgrows = true
    }
    if crossing.isBeyond || verdict.isAlarming || outgrows
      || limits.first?.hasSeverityOfValues ?? false
    {
      let own = severity(
        verdict, crossing, of: sample.value, peak: outgrows ? kept[0].peakScore : nil)
      kept[0].severity = max(kept[0].severity, rated(own, by: kept[0].recurrence))
    }
    guard let (cause, bound) = limits.first?.cause(of: crossing), cause != kept[0].cause else {
      return outgrows
    }
    switch (kept[0].cause, cause) {
    case (.limit, _): return outgrows
    case (.hostLimit, .hostLimit):
      // The next level; its severity reports it.
      kept[0].cause = cause
      return outgrows
    default:
      kept[0].cause = cause
      kept[0].direction = sample.value > bound ? .high : .low
      return true
    }
  }
}

extension Verdict {
  /// Whether the detector cannot alarm yet.
  fileprivate var isLearning: Bool {
    if case .warmingUp = state { true } else { false }
  }

  /// On which side of the band a value lies; of a drift, on which side of the usual level.
  func direction(of value: Double, level: Double) -> Direction {
    if let usual, level.isFinite, level != usual { return level > usual ? .high : .low }
    let upper = upper.isFinite ? upper : expected
    let lower = lower.isFinite ? lower : expected
    return value > upper ? .high : value < lower ? .low : .unusual
  }
}

/// An event that is expected to open again: on the heap, since hardly any metric has one.
private final class Orphan: Sendable {
  let event: Event

  init(_ event: Event) { self.event = event }
}
