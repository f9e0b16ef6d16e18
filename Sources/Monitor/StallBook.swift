import Events
import Series

/// The stalls of all inputs, by name of the input.
struct StallBook {
  private struct Entry {
    var input: String
    var stall: InputStall
  }

  private var entries: [Entry] = []

  /// The stall of an input.
  subscript(input: String) -> InputStall? {
    entries.first { $0.input == input }?.stall
  }

  /// The stalls that are presently events.
  var openEvents: [Event] { entries.compactMap(\.stall.openEvent) }

  /// Monitors an input from now on; an open stall of an input with this name continues.
  /// - Returns: the end of that stall if the new input has no limit.
  mutating func begin(
    _ input: String, limit: Duration?, at now: Timestamp, awake: Duration, hostSeed: UInt64
  ) -> EventTransition? {
    var stall = InputStall(
      input: input, limit: limit, now: now, awake: awake, hostSeed: hostSeed)
    guard let index = index(of: input) else {
      entries.append(Entry(input: input, stall: stall))
      return nil
    }
    var ended: EventTransition?
    if limit == nil {
      ended = entries[index].stall.end(at: now, because: .ruleGone)
    } else if let event = entries[index].stall.openEvent {
      stall.resume(event)
    }
    entries[index].stall = stall
    return ended
  }

  /// Stops monitoring an input.
  /// - Returns: the end of its stall.
  mutating func end(_ input: String, at now: Timestamp) -> EventTransition? {
    guard let index = index(of: input) else { return nil }
    var entry = entries.remove(at: index)
    return entry.stall.end(at: now, because: .inputGone)
  }

  /// See ``InputStall/noteDelivery(at:awake:)``.
  mutating func noteDelivery(
    of input: String, at now: Timestamp, awake: Duration
  ) -> EventTransition? {
    guard let index = index(of: input) else { return nil }
    return entries[index].stall.noteDelivery(at: now, awake: awake)
  }

  /// See ``InputStall/check(at:awake:)``.
  mutating func check(at now: Timestamp, awake: Duration) -> [EventTransition] {
    var found: [EventTransition] = []
    for index in entries.indices {
      if let transition = entries[index].stall.check(at: now, awake: awake) {
        found.append(transition)
      }
    }
    return found
  }

  /// Restores an open stall of an earlier run.
  /// - Returns: whether its input is monitored.
  mutating func resume(_ event: Event) -> Bool {
    guard let index = entries.firstIndex(where: { $0.stall.metric == event.metric }) else {
      return false
    }
    entries[index].stall.resume(event)
    return true
  }

  /// Records that a user closed a stall: it is measured from now on.
  mutating func dismiss(_ event: Event, awake: Duration) {
    guard let index = entries.firstIndex(where: { $0.stall.openEvent?.id == event.id }) else {
      return
    }
    entries[index].stall.dismiss(awake: awake)
  }

  /// Whether an input is monitored.
  func contains(_ input: String) -> Bool { index(of: input) != nil }

  private func index(of input: String) -> Int? { entries.firstIndex { $0.input == input } }
}
