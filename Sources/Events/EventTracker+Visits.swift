import Detection
package import Series

/// Earlier events of the metric, and the next one that is due.
extension EventTracker {
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
