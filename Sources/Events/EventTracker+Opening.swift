import Detection
import Series

/// How an event opens: which samples open one, and what it says of them.
extension EventTracker {
  /// Whether a sample begins another event while one is open: it jumps out of a calm that was long enough.
  func isAnother(
    _ sample: Sample, _ verdict: Verdict, _ crossing: LimitWatch.Crossing, _ history: RingBuffer
  ) -> Bool {
    guard verdict.alarm == .renewed, !crossing.isBeyond, !crossing.host.isBeyondClear,
      rules.merge == .zero, case .evidence = kept[0].cause
    else { return false }
    return sample.timestamp.elapsed(since: abnormalAt) >= rules.holdOff
      && rules.allow(opening(sample, verdict, crossing, history))
  }

  mutating func begin(
    _ sample: Sample, _ verdict: Verdict, _ crossing: LimitWatch.Crossing, _ history: RingBuffer,
    symbols: SymbolFacts?, columns: [ColumnFact]
  ) -> [EventTransition] {
    var event = opening(sample, verdict, crossing, history)
    guard crossing.isBeyond || rules.allow(event) else { return [] }
    abnormalAt = sample.timestamp
    quiet = 0
    memory.noteOpening(at: sample.timestamp)
    if let closed = kept.first?.closed, kept[0].cause != .missedVisit,
      sample.timestamp.elapsed(since: closed) < rules.merge
    {
      kept[0].closed = nil
      kept[0].ending = .normal
      take(sample, verdict, crossing)
      return [update(.again, at: sample.timestamp)]
    }
    // Room for later samples, so that adding them does not allocate.
    event.samples.reserveCapacity(Event.maximumSamples)
    event.samples += history.samples(last: Event.samplesBefore + 1)
    event.symbols = symbols
    event.columns = columns
    event.recurrence = memory.recurrence(of: event)
    if !crossing.isBeyond, !verdict.pages, event.recurrence?.standing != .scheduled {
      event.recurrence = .excessive
    }
    event.severity = rated(event.severity, by: event.recurrence)
    kept = [event]
    pacing = UpdatePacing(of: event, at: sample.timestamp)
    return [.opened(event)]
  }

  private func opening(
    _ sample: Sample, _ verdict: Verdict, _ crossing: LimitWatch.Crossing, _ history: RingBuffer
  ) -> Event {
    let isOld = !crossing.isBeyond && verdict.reach > 0
    let past = isOld ? history.summary(last: verdict.reach + 1) : nil
    let level = past?.mean ?? sample.value
    let limit = limits.first?.cause(of: crossing)
    return Event(
      id: EventID(metric: metric, opened: sample.timestamp, hostSeed: hostSeed),
      metric: metric,
      cause: limit?.cause ?? .evidence(verdict.reason ?? .jump),
      direction: limit.map { sample.value > $0.bound ? .high : .low }
        ?? verdict.direction(of: sample.value, level: level),
      severity: severity(verdict, crossing, of: sample.value),
      began: began(
        past?.oldest ?? (crossing.configured == nil ? crossing.host.since : nil)
          ?? sample.timestamp,
        opened: sample.timestamp),
      opened: sample.timestamp, value: sample.value, expected: verdict.expected,
      lower: verdict.lower, upper: verdict.upper, score: verdict.score, level: level,
      usual: crossing.isBeyond ? .nan : verdict.usual ?? .nan)
  }

  /// No event begins before the previous one has ended, or after it has opened itself.
  private func began(_ moment: Timestamp, opened: Timestamp) -> Timestamp {
    min(opened, max(moment, kept.first?.closed ?? moment))
  }
}
