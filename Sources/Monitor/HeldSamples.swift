package import Series

/// Samples and events that wait for a checkpoint to be made, in the order in which they came.
package struct HeldSamples {
  /// Entries from which on inputs are asked for no more.
  package static let fullAt = 1 << 17

  /// One of them.
  package struct Entry {
    var metric: MetricID
    var timestamp: Timestamp
    /// Of a sample.
    var value: Double
    /// Bytes of an event's id; 0 for a sample.
    var idBytes: UInt8
  }

  private var entries: [Entry] = []
  private var next = 0
  private var ids: [UInt8] = []
  private var nextID = 0

  /// How many wait.
  package var count: Int { entries.count - next }
  /// Whether no more should be added than what comes anyhow.
  package var isFull: Bool { count >= HeldSamples.fullAt }

  /// Sets room aside.
  package mutating func reserve(_ count: Int) { entries.reserveCapacity(count) }

  package mutating func append(_ sample: Sample, of metric: MetricID) {
    entries.append(
      Entry(metric: metric, timestamp: sample.timestamp, value: sample.value, idBytes: 0))
  }

  package mutating func append(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID)
  {
    precondition(
      (1...TraceEvent.longest).contains(id.count), "an event's id is longer than inputs may take")
    for index in id.indices { ids.append(id[index]) }
    entries.append(
      Entry(metric: stream, timestamp: timestamp, value: .nan, idBytes: UInt8(id.count)))
  }

  /// Takes the one that has waited longest; the id of an event is to be taken right after it.
  package mutating func takeFirst() -> Entry {
    defer { next += 1 }
    return entries[next]
  }

  /// Takes the id of an event.
  package mutating func takeID(of entry: Entry) -> [UInt8] {
    defer { nextID += Int(entry.idBytes) }
    return Array(ids[nextID..<nextID + Int(entry.idBytes)])
  }

  /// Gives the memory back, once all have been taken.
  package mutating func removeAll() { self = HeldSamples() }
}
