import Detection
package import Series

/// How an event opens: on a sample, or because an occurrence that was due did not take place.
extension EventTracker {
  /// Whether a sample begins another event while one is open: it jumps after a long enough calm.
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
    // Capacity for later samples, so that adding them does not allocate.
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

  /// No event begins before the end of the previous one, or after its own opening.
  private func began(_ moment: Timestamp, opened: Timestamp) -> Timestamp {
    min(opened, max(moment, kept.first?.closed ?? moment))
  }

  /// Minimum time without samples that counts as a gap.
  package static let longestGap = Duration.seconds(60)

  /// Forgets earlier events: one of them has been confirmed as a fault, so similar ones are not
  /// routine.
  package mutating func forgetEarlierEvents() { memory.clear() }

  /// Samples are missing between two times: a scheduled event may have occurred in between.
  package mutating func noteGap(_ gap: ClosedRange<Timestamp>) { memory.noteGap(gap) }

  /// Reports an occurrence that was due until now and did not take place: an event without a
  /// duration.
  mutating func missedVisit(at sample: Sample) -> [EventTransition] {
    guard !memory.isEmpty, let watch = memory.missedVisit(at: sample) else { return [] }
    var event = Event(
      id: EventID(metric: metric, opened: sample.timestamp, hostSeed: hostSeed),
      metric: metric, cause: .missedVisit, direction: watch.isHigh ? .low : .high,
      severity: .info, began: watch.due.lowerBound, opened: sample.timestamp, value: sample.value)
    event.recurrence = Recurrence(missed: watch)
    if let severity = rules.severity?.severity(of: sample.value) { event.severity = severity }
    var over = event
    over.closed = sample.timestamp
    kept = [over]
    pacing = UpdatePacing(of: event, at: sample.timestamp)
    return [.opened(event), .closed(over)]
  }
}
