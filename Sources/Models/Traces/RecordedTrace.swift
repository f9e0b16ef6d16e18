package import Series

/// A recorded trace in memory: trace events by thread, each thread a stream.
package struct RecordedTrace: Sendable {
  /// The trace events of one thread, in the order of the file.
  package struct Stream: Sendable {
    /// The thread; empty for the only stream of a trace without threads.
    package let thread: String
    /// The time of each trace event.
    package fileprivate(set) var timestamps: [Timestamp] = []
    /// The index of each one's id in ``RecordedTrace/ids``.
    fileprivate var ids: [Int32] = []

    /// Number of trace events.
    package var count: Int { timestamps.count }
  }

  /// Its origin, such as the path of a file.
  package let name: String
  /// The streams, in order of appearance.
  package private(set) var streams: [Stream] = []
  private var ids: [[UInt8]] = []
  private var places: [[UInt8]: Int32] = [:]
  private var threads: [String: Int] = [:]

  /// A trace without events.
  package init(name: String) {
    self.name = name
  }

  /// Number of trace events.
  package var count: Int { streams.reduce(0) { $0 + $1.count } }

  /// The earliest and the latest time; nil without events.
  package var span: ClosedRange<Timestamp>? {
    let bounds = streams.compactMap { stream in
      stream.timestamps.min().flatMap { first in stream.timestamps.max().map { first...$0 } }
    }
    guard let first = bounds.map(\.lowerBound).min(), let last = bounds.map(\.upperBound).max()
    else { return nil }
    return first...last
  }

  /// Adds a trace event.
  /// - Parameter id: 1...``TraceEvent/longest`` bytes of UTF-8.
  package mutating func append(_ id: [UInt8], of thread: String, at timestamp: Timestamp) {
    let place = places[id] ?? Int32(ids.count)
    if place == ids.count {
      ids.append(id)
      places[id] = place
    }
    let stream = threads[thread] ?? streams.count
    if stream == streams.count {
      streams.append(Stream(thread: thread))
      threads[thread] = stream
    }
    streams[stream].timestamps.append(timestamp)
    streams[stream].ids.append(place)
  }

  /// The id of a trace event.
  package func id(_ event: Int, of stream: Int) -> [UInt8] { ids[Int(streams[stream].ids[event])] }

  /// The trace events of every stream whose time is in `span` and whose number in the stream is in
  /// `numbers`; streams without one are left out.
  package func kept(_ span: ClosedRange<Timestamp>, _ numbers: Range<Int>) -> RecordedTrace {
    var result = RecordedTrace(name: name)
    for (index, stream) in streams.enumerated() {
      for event in numbers.clamped(to: 0..<stream.count)
      where span.contains(stream.timestamps[event]) {
        result.append(id(event, of: index), of: stream.thread, at: stream.timestamps[event])
      }
    }
    return result
  }
}
