import Series

/// The streams of one input, one for each thread: a table with a limit, in which a new thread
/// replaces one that has been idle for a long time.
struct TraceThreads {
  private struct Stream {
    /// Hash of the thread's bytes.
    var thread: UInt64
    var slot: MetricSlot
    var lastSeen: Timestamp
  }

  /// The name of the stream, or the part of its name before a dot and the thread.
  private let prefix: String
  private let maximum: Int
  private let timeout: Duration
  private var streams: [Stream] = []
  private var places: [UInt64: Int] = [:]
  /// The index of the previous event's stream, since threads come in bursts.
  private var latest = 0
  private var newest = Timestamp(nanoseconds: .min)

  /// - Parameters:
  ///   - maximum: maximum number of streams, >= 1.
  ///   - timeout: how long a stream must be idle before another replaces it.
  init(prefix: String, maximum: Int, timeout: Duration) {
    precondition(maximum >= 1, "an input needs room for at least one stream")
    self.prefix = prefix
    self.maximum = maximum
    self.timeout = timeout
  }

  /// Number of streams.
  var count: Int { streams.count }

  /// The result for an event.
  enum Outcome {
    case delivered
    /// There are too many threads.
    case tooManyStreams
    /// The table of metrics is full.
    case refused
  }

  /// Delivers an event to the stream of its thread. Allocates only for a new thread.
  /// - Parameters:
  ///   - thread: empty for the one stream of an input without threads.
  ///   - poll: counts polls from 1 on: each stream is asked for once in each, as it may have been
  ///     refused or forgotten before.
  mutating func deliver(
    _ id: Span<UInt8>, of thread: Span<UInt8>, at timestamp: Timestamp, poll: Int,
    into sink: some SampleSink
  ) -> Outcome {
    let hash = TraceEvent.hash(thread)
    newest = max(newest, timestamp)
    guard let place = place(of: hash, thread, into: sink) else { return .tooManyStreams }
    latest = place
    streams[place].lastSeen = timestamp
    guard let stream = streams[place].slot.stream(in: sink, poll: poll) else { return .refused }
    sink.receive(event: id, at: timestamp, of: stream)
    return .delivered
  }

  private mutating func place(
    of hash: UInt64, _ thread: Span<UInt8>, into sink: some SampleSink
  ) -> Int? {
    if latest < streams.count, streams[latest].thread == hash { return latest }
    if let known = places[hash] { return known }
    let text = thread.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    let full = text.isEmpty ? prefix : prefix.isEmpty ? text : prefix + "." + text
    let name = MetricName(sanitizing: full)
    guard streams.count >= maximum else {
      streams.append(Stream(thread: hash, slot: MetricSlot(name), lastSeen: newest))
      places[hash] = streams.count - 1
      return streams.count - 1
    }
    var idle = 0
    for place in streams.indices where streams[place].lastSeen < streams[idle].lastSeen {
      idle = place
    }
    guard newest.elapsed(since: streams[idle].lastSeen) > timeout else { return nil }
    let slot = MetricSlot(name, inPlaceOf: streams[idle].slot, in: sink)
    places[streams[idle].thread] = nil
    streams[idle] = Stream(thread: hash, slot: slot, lastSeen: newest)
    places[hash] = idle
    return idle
  }
}
