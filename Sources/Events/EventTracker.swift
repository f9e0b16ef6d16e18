public import Detection
public import Series

/// The one event machine: follows the open event of a metric from opening over updates to close.
///
/// The detector decides which samples alarm; ``EventRules`` decide which alarms count, how long a
/// metric must be normal before its event closes, and which values are beyond limits in any case.
/// Everything is decided on event time, so that a backtest and the daemon agree.
public struct EventTracker: Sendable {
  /// The metric.
  public let metric: MetricName
  /// Samples in a row without an alarm that close an event even before the hold-off has passed; nil:
  /// no number does.
  public let quietSamples: UInt16?
  private let hostSeed: UInt64
  /// Empty where everything is at its default, as for nearly every metric.
  private var decided: [EventRules] = []
  /// The newest event, open or closed: none or one, on the heap, since hardly any metric has one.
  private var kept: [Event] = []
  private var pacing: UpdatePacing?
  /// The newest sample of the open event that alarmed or lay beyond a limit.
  private var abnormalAt = Timestamp(nanoseconds: 0)
  /// Samples since that one; saturates.
  private var quiet: UInt16 = 0
  private var orphan: Orphan?

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
    get { decided.first ?? EventRules() }
    set { decided = newValue == EventRules() ? [] : [newValue] }
  }

  /// The open event.
  public var openEvent: Event? { isOpen ? kept.first : nil }

  /// Whether there is one, without copying it.
  public var isOpen: Bool { !kept.isEmpty && kept[0].closed == nil }

  /// Takes the verdict on a sample. Allocates only where an event opens, is updated or closes. A gap
  /// changes nothing.
  /// - Parameter history: the samples up to and with this one.
  /// - Parameter symbols: facts for an event that opens on a trace.
  /// - Returns: at most one step, or two when an event recovered after a crash ends.
  public mutating func advance(
    _ sample: Sample, _ verdict: Verdict, history: RingBuffer, symbols: SymbolFacts? = nil
  ) -> [EventTransition] {
    guard sample.value.isFinite else { return [] }
    if let orphan, sample.timestamp > orphan.event.opened {
      self.orphan = nil
      let ended = adopt(orphan.event, at: sample.timestamp)
      return ended + advance(sample, verdict, history: history, symbols: symbols)
    }
    let limit = decided.first?.limit(crossedBy: sample.value)
    let isAbnormal = limit != nil || verdict.isAlarming
    if isOpen { return proceed(sample, verdict, limit, isAbnormal) }
    guard isAbnormal else { return [] }
    var event = opening(sample, verdict, limit, history)
    guard limit != nil || rules.allow(event) else { return [] }
    abnormalAt = sample.timestamp
    quiet = 0
    if let closed = kept.first?.closed, sample.timestamp.elapsed(since: closed) < rules.merge {
      kept[0].closed = nil
      kept[0].take(sample, verdict, limit, rules)
      return [update(.again, at: sample.timestamp)]
    }
    // Room for later samples, so that adding them does not allocate.
    event.samples.reserveCapacity(Event.maximumSamples)
    event.samples += history.samples(last: Event.samplesBefore + 1)
    event.symbols = symbols
    kept = [event]
    pacing = UpdatePacing(of: event, at: sample.timestamp)
    return [.opened(event)]
  }

  /// Expects an event of this metric that opened after the last checkpoint before a crash.
  ///
  /// If the samples since then are read again, the event opens again, under its id. If not, it is
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

  /// Closes the open event, since nothing can be known about it any more.
  /// - Returns: its close; nil where none is open.
  public mutating func close(at moment: Timestamp) -> EventTransition? {
    guard isOpen else { return nil }
    kept[0].closed = max(moment, kept[0].opened)
    return .closed(kept[0])
  }

  private mutating func proceed(
    _ sample: Sample, _ verdict: Verdict, _ limit: Double?, _ isAbnormal: Bool
  ) -> [EventTransition] {
    // If the clock has been set back, the hold-off starts over.
    if isAbnormal || sample.timestamp < abnormalAt {
      abnormalAt = sample.timestamp
      quiet = 0
    } else {
      quiet = quiet == .max ? .max : quiet + 1
    }
    let hasCrossed = kept[0].take(sample, verdict, limit, rules)
    if isAbnormal {
      if hasCrossed { return [update(.worse, at: sample.timestamp)] }
      guard let update = pacing?.due(kept[0], at: sample.timestamp) else {
        return []
      }
      return [self.update(update, at: sample.timestamp)]
    }
    guard verdict.state != .anomalous,
      sample.timestamp.elapsed(since: abnormalAt) >= rules.holdOff
        || quietSamples.map({ quiet >= $0 }) ?? false
    else { return [] }
    kept[0].closed = sample.timestamp
    return [.closed(kept[0])]
  }

  private mutating func update(_ update: EventUpdate, at moment: Timestamp) -> EventTransition {
    kept[0].update = update
    kept[0].updated = moment
    pacing?.noteUpdate(kept[0], at: moment)
    return .updated(kept[0])
  }

  private func opening(
    _ sample: Sample, _ verdict: Verdict, _ limit: Double?, _ history: RingBuffer
  ) -> Event {
    let isOld = limit == nil && verdict.reach > 0
    let past = isOld ? history.summary(last: verdict.reach + 1) : nil
    let level = past?.mean ?? sample.value
    return Event(
      id: EventID(metric: metric, opened: sample.timestamp, hostSeed: hostSeed),
      metric: metric,
      cause: limit.map { .limit(bound: $0) } ?? .evidence(verdict.reason ?? .jump),
      direction: limit.map { sample.value > $0 ? .high : .low }
        ?? verdict.direction(of: sample.value, level: level),
      severity: rules.severity(
        ofExcess: verdict.score - verdict.threshold, isBeyondLimit: limit != nil),
      began: began(past?.oldest ?? sample.timestamp, opened: sample.timestamp),
      opened: sample.timestamp, value: sample.value, expected: verdict.expected,
      lower: verdict.lower, upper: verdict.upper, score: verdict.score, level: level,
      usual: limit == nil ? verdict.usual ?? .nan : .nan)
  }

  /// No event begins before the previous one has ended, or after it has opened itself.
  private func began(_ moment: Timestamp, opened: Timestamp) -> Timestamp {
    min(opened, max(moment, kept.first?.closed ?? moment))
  }

  private static let formatVersion: UInt32 = 4

  /// The newest event and its progress, as bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(EventTracker.formatVersion)
    writer.write(!kept.isEmpty)
    if let newest = kept.first, let pacing {
      newest.encode(to: &writer)
      pacing.encode(to: &writer)
      writer.write(abnormalAt.nanoseconds)
      writer.write(quiet)
    }
    return writer.bytes
  }

  /// A tracker that continues from what ``encode()`` wrote.
  /// - Throws: ``StateDecodingError`` for anything else.
  public init(
    decoding bytes: [UInt8], metric: MetricName, hostSeed: UInt64,
    rules: EventRules = EventRules(), quietSamples: UInt16? = nil
  ) throws(StateDecodingError) {
    self.init(metric: metric, hostSeed: hostSeed, rules: rules, quietSamples: quietSamples)
    var reader = ByteReader(bytes)
    let version: UInt32
    do {
      version = try reader.readUInt32()
    } catch {
      throw .bytes(error)
    }
    guard version == EventTracker.formatVersion else {
      throw .version(found: version, expected: EventTracker.formatVersion)
    }
    do {
      if try reader.readBool() {
        kept = [try Event(metric: metric, from: &reader)]
        pacing = try UpdatePacing(from: &reader)
        abnormalAt = try reader.readMoment()
        quiet = try reader.readUInt16()
      }
      try reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }
}

extension Event {
  /// Takes a further sample while open.
  /// - Returns: whether it is the first to lie beyond a limit.
  @discardableResult
  mutating func take(
    _ sample: Sample, _ verdict: Verdict, _ limit: Double?, _ rules: EventRules
  ) -> Bool {
    if samples.count < Event.maximumSamples { samples.append(sample) }
    if limit != nil || verdict.state == .anomalous, isFarther(sample.value) {
      peakValue = sample.value
      peakAt = sample.timestamp
    }
    peakScore = max(peakScore, verdict.score)
    if limit != nil || verdict.isAlarming {
      let excess = verdict.score - verdict.threshold
      severity = max(severity, rules.severity(ofExcess: excess, isBeyondLimit: limit != nil))
    }
    guard let limit else { return false }
    if case .limit = cause { return false }
    cause = .limit(bound: limit)
    direction = sample.value > limit ? .high : .low
    return true
  }

  private func isFarther(_ value: Double) -> Bool {
    switch direction {
    case .high: value > peakValue
    case .low: value < peakValue
    case .unusual: abs(value - expected) > abs(peakValue - expected)
    }
  }
}

extension Verdict {
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
