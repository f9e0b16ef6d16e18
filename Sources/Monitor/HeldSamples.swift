import Series

/// Samples and trace events that are queued while a checkpoint is made, in order of arrival.
struct HeldSamples {
  /// Number of entries from which inputs should not be polled.
  private static let fullAt = 1 << 17

  struct Entry {
    var metric: MetricID
    var timestamp: Timestamp
    /// Of a sample.
    var value: Double
    /// Bytes of a trace event's id; 0 for a sample.
    var idBytes: UInt8
  }

  private var entries: [Entry] = []
  private var next = 0
  private var ids: [UInt8] = []
  private var nextID = 0

  /// Number of queued entries.
  var count: Int { entries.count - next }
  /// Whether to stop reading further input.
  var isFull: Bool { count >= HeldSamples.fullAt }

  mutating func reserve(_ count: Int) { entries.reserveCapacity(count) }

  mutating func append(_ sample: Sample, of metric: MetricID) {
    entries.append(
      Entry(metric: metric, timestamp: sample.timestamp, value: sample.value, idBytes: 0))
  }

  mutating func append(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    precondition(
      (1...TraceEvent.longest).contains(id.count), "a trace event's id is longer than allowed")
    for index in id.indices { ids.append(id[index]) }
    entries.append(
      Entry(metric: stream, timestamp: timestamp, value: .nan, idBytes: UInt8(id.count)))
  }

  /// Removes the oldest entry; the id of a trace event must be taken right after it.
  mutating func takeFirst() -> Entry {
    defer { next += 1 }
    return entries[next]
  }

  /// Removes the id of a trace event.
  mutating func takeID(of entry: Entry) -> [UInt8] {
    defer { nextID += Int(entry.idBytes) }
    return Array(ids[nextID..<nextID + Int(entry.idBytes)])
  }

  /// Frees the memory once all entries have been taken.
  mutating func removeAll() { self = HeldSamples() }
}
