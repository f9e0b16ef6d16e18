import Detection
public import Events
package import Series

/// State that the monitor keeps across a restart, and how it is restored.
extension HostMonitor {
  /// How long an event of an earlier run may wait for its metric to return.
  package static let orphanPatience = Duration.seconds(3600)

  // MARK: Saving

  /// The host's budget debt, as bytes.
  package func encodeBudget() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(budget.overdraft)
    return writer.bytes
  }

  /// How long metrics have been without a sample, for those of at least a minute, as bytes.
  package func encodeAges() -> [UInt8] {
    var writer = ByteWriter()
    for metric in table.metrics where awake - metric.heard >= .seconds(60) {
      writer.write(metric.name.text)
      writer.write((awake - metric.heard).components.seconds)
    }
    return writer.bytes
  }

  /// The input of each metric with an open event, as bytes.
  package func encodeOwners() -> [UInt8] {
    var writer = ByteWriter()
    for metric in table.metrics where metric.tracker.isOpen {
      guard let owner = claims.owner(of: metric.name) ?? formerOwners[metric.name] else { continue }
      writer.write(metric.name.text)
      writer.write(owner)
    }
    return writer.bytes
  }

  /// The incidents, as bytes.
  package func encodeIncidents() -> [UInt8] { queue.policy.incidents.encode() }

  // MARK: Restoring, before any input runs

  /// Restores a metric from the result of ``MonitoredMetric/encode()``.
  /// - Returns: nil if it was restored or is ignored, otherwise why it starts afresh.
  package func restore(_ name: MetricName, from bytes: [UInt8]) -> String? {
    let count = table.metrics.count
    let problem = table.restore(name, from: bytes, at: awake)
    if table.metrics.count > count, let share = table.metrics[count].share { budget.admit(share) }
    return problem
  }

  /// Restores the result of ``encodeBudget()``; call it after all metrics.
  package func restoreBudget(_ bytes: [UInt8]) -> String? {
    reading(bytes) { reader throws(ByteReaderError) in
      let overdraft = try reader.readDouble()
      try reader.requireEnd()
      budget.resume(overdraft: overdraft)
    }
  }

  /// Restores the result of ``encodeAges()``; call it after all metrics.
  package func restoreAges(_ bytes: [UInt8]) -> String? {
    reading(bytes) { reader throws(ByteReaderError) in
      while reader.remaining > 0 {
        let name = MetricName(sanitizing: try reader.readString())
        let offset = reader.offset
        let seconds = try reader.readInt64()
        guard (0...100 * 366 * 86_400).contains(seconds) else {
          throw .outOfRange(offset: offset, value: seconds)
        }
        guard let index = table.index(of: name) else { continue }
        table.metrics[index].heard = awake - .seconds(seconds)
      }
    }
  }

  /// Restores the result of ``encodeOwners()``.
  package func restoreOwners(_ bytes: [UInt8]) -> String? {
    reading(bytes) { reader throws(ByteReaderError) in
      while reader.remaining > 0 {
        let name = MetricName(sanitizing: try reader.readString())
        formerOwners[name] = try reader.readString()
      }
    }
  }

  /// Restores the result of ``encodeIncidents()``.
  package func restoreIncidents(_ bytes: [UInt8]) -> String? {
    do throws(ByteReaderError) {
      queue.policy.incidents = try IncidentTracker(decoding: bytes, timing: limits.incidents)
      return nil
    } catch {
      return error.description
    }
  }

  /// Records that outputs were not notified of the opening of an event.
  public func restoreMuted(_ event: Event, by silence: String) {
    queue.policy.muted.mute(event, by: silence)
  }

  /// Compares the events that were open when an earlier run ended with those that the restored
  /// detectors know; call it after everything else is restored.
  ///
  /// Stalls continue until their input delivers. An event that no detector knows was opened after
  /// the last checkpoint: if its samples are reread, it opens again; otherwise its metric adopts it
  /// with the first sample after its opening.
  /// - Parameters:
  ///   - open: the events that are open in the history.
  ///   - superseded: those whose newest recorded step is older than the restored state: if that does
  ///     not know them as open, they were closed since, and that entry was lost.
  ///   - incidents: the incidents that are open in the history, as outputs were last notified of them.
  ///   - isRecorded: whether the history knows an event or incident. One that is open and that it does
  ///     not know is reported again.
  /// - Returns: the events unknown to any detector.
  public func restoreOpenEvents(
    _ open: [Event], superseded: Set<EventID> = [], incidents: [Incident] = [],
    isRecorded: (EventID) -> Bool = { _ in true }
  ) -> [Event] {
    for event in table.metrics.compactMap(\.openEvent) where !isRecorded(event.id) {
      queue.waiting.append(.event(EventStep(.opened(event))))
    }
    for incident in queue.policy.incidents.all
    where incident.state == .open && !isRecorded(incident.id) {
      queue.waiting.append(.incident(.opened(incident)))
    }
    for incident in incidents { queue.policy.incidents.adopt(incident) }
    for event in open {
      queue.policy.incidents.restore(
        event, interval: table[event.metric]?.usualInterval,
        isTold: queue.policy.muted.silence(of: event) == nil)
    }
    var newest: [MetricName: Event] = [:]
    for event in open {
      if case .silentInput = event.cause {
        guard !stalls.resume(event) else { continue }
        // The event of an input that is no longer configured would never end.
        close(lost: event, at: now, because: .inputGone)
        continue
      }
      guard !hasOpen(event) else { continue }
      if let ending = unsupported(event) {
        close(lost: event, at: now, because: ending)
        continue
      }
      if superseded.contains(event.id) {
        if let known = table[event.metric]?.tracker.newestEvent, known.id == event.id {
          emit(.closed(known))
        } else {
          close(lost: event)
        }
        continue
      }
      // A metric has one open event: of several, only the newest may continue.
      if let older = newest.updateValue(event, forKey: event.metric) { close(lost: older) }
    }
    orphans = newest.values.sorted { $0.opened < $1.opened }
    orphansSince = now
    for event in orphans {
      if let index = table.index(of: event.metric) {
        table.metrics[index].tracker.expect(event)
      } else {
        table.expected[event.metric] = event
      }
    }
    for index in table.metrics.indices where table.metrics[index].tracker.isOpen {
      if let owner = formerOwners[table.metrics[index].name], !stalls.contains(owner) {
        close(index, because: .inputGone)
      } else {
        closeUnsupported(index)
      }
    }
    queue.policy.incidents.retain(Set((openEvents + orphans).map(\.id)), awake: awake)
    queue.refreshIncidentDue()
    return orphans
  }

  /// Why the configuration no longer justifies an event unknown to any detector; nil if it still
  /// does.
  private func unsupported(_ event: Event) -> EventEnding? {
    switch table.policy(event.metric) {
    case .ignore: .ignored
    case .watch(_, let rules, _):
      event.isOfModel && !isOfModel(event.metric)
        ? .inputGone
        : rules.support(event, newest: table[event.metric]?.newest?.value) ? nil : .ruleGone
    }
  }

  /// Closes the events of an earlier run whose metric has not returned.
  func abandonOrphans() {
    guard !orphans.isEmpty, now.elapsed(since: orphansSince) > HostMonitor.orphanPatience else {
      return
    }
    interruptHold()
    for event in orphans where !hasOpen(event) {
      if table.expected[event.metric]?.id == event.id { table.expected[event.metric] = nil }
      if let index = table.index(of: event.metric) {
        table.metrics[index].tracker.dismiss(event)
      }
      close(lost: event)
    }
    orphans = []
  }

  /// Closes an event unknown to any detector.
  /// - Parameter moment: nil: the time of its last known step.
  private func close(
    lost event: Event, at moment: Timestamp? = nil, because ending: EventEnding = .lost
  ) {
    var closed = event
    closed.closed = max(moment ?? event.updated ?? event.opened, event.opened)
    closed.ending = ending
    emit(.closed(closed))
  }

  private func hasOpen(_ event: Event) -> Bool { table[event.metric]?.openEvent?.id == event.id }

  private func reading(
    _ bytes: [UInt8], _ body: (inout ByteReader) throws(ByteReaderError) -> Void
  ) -> String? {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      try body(&reader)
      return nil
    } catch {
      return error.description
    }
  }
}

extension Event {
  /// Whether a trained model opened it.
  fileprivate var isOfModel: Bool {
    if case .evidence(let evidence) = cause { evidence.family == .rows } else { false }
  }
}
