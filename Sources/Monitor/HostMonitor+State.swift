import Detection
public import Events
package import Series

/// What the monitor keeps over a restart, and how it continues after one.
extension HostMonitor {
  /// How long an event of an earlier run may wait for its metric to come back.
  package static let orphanPatience = Duration.seconds(3600)

  // MARK: Saving

  /// What the host owes to its budget, as bytes.
  package func encodeBudget() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(budget.overdraft)
    return writer.bytes
  }

  /// For how long the metrics have been without a sample that have been so for a minute, as bytes.
  package func encodeAges() -> [UInt8] {
    var writer = ByteWriter()
    for metric in table.metrics where awake - metric.heard >= .seconds(60) {
      writer.write(metric.name.text)
      writer.write((awake - metric.heard).components.seconds)
    }
    return writer.bytes
  }

  /// The incidents, as bytes.
  package func encodeIncidents() -> [UInt8] { alarms.incidents.encode() }

  // MARK: Restoring, before any input runs

  /// Restores a metric from what ``MonitoredMetric/encode()`` returned.
  /// - Returns: nil if it was restored or is ignored, else why it starts afresh.
  package func restore(_ name: MetricName, from bytes: [UInt8]) -> String? {
    let count = table.metrics.count
    let problem = table.restore(name, from: bytes, at: awake)
    if table.metrics.count > count, let share = table.metrics[count].share { budget.admit(share) }
    return problem
  }

  /// Restores what ``encodeBudget()`` returned; after all metrics.
  package func restoreBudget(_ bytes: [UInt8]) -> String? {
    reading(bytes) { reader throws(ByteReaderError) in
      let overdraft = try reader.readDouble()
      try reader.requireEnd()
      budget.resume(overdraft: overdraft)
    }
  }

  /// Restores what ``encodeAges()`` returned; after all metrics.
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

  /// Restores what ``encodeIncidents()`` returned.
  package func restoreIncidents(_ bytes: [UInt8]) -> String? {
    do throws(ByteReaderError) {
      alarms.incidents = try IncidentTracker(decoding: bytes)
      return nil
    } catch {
      return error.description
    }
  }

  /// Notes that outputs were not notified of the opening of an event.
  public func restoreMuted(_ event: Event, by silence: String) {
    alarms.muted.mute(event, by: silence)
  }

  /// Compares the events that were open when an earlier run ended with those that the restored
  /// detectors know; after everything else is restored.
  ///
  /// Stalls continue until their input delivers. An event that no detector knows was opened after the
  /// last checkpoint: where its samples are read again, so does it open again; else its metric adopts
  /// it with the first sample after its opening.
  /// - Returns: the events that no detector knows.
  public func restoreOpenEvents(_ open: [Event]) -> [Event] {
    var newest: [MetricName: Event] = [:]
    for event in open {
      if case .silentInput = event.cause {
        guard !stalls.resume(event) else { continue }
        // Nobody waits for an input that is no longer configured.
        var closed = event
        closed.closed = max(now, event.opened)
        emit(.closed(closed))
        continue
      }
      guard !hasOpen(event) else { continue }
      // A metric has one open event: of several, only the newest one may still last.
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
    alarms.incidents.retain(Set((openEvents + orphans).map(\.id)))
    return orphans
  }

  /// Closes the events of an earlier run whose metric has not come back.
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

  /// Closes an event of which nothing more can be known.
  private func close(lost event: Event) {
    var closed = event
    closed.closed = max(event.updated ?? event.opened, event.opened)
    closed.ending = .lost
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
