import Series

/// A metric of an input: its name, and its id in the sink.
///
/// The id is registered when there is something to deliver; otherwise a metric that was removed for
/// being idle would return immediately. It is registered again when the sink may have removed it,
/// and, if it was refused because the registry was full, after some time.
struct MetricSlot {
  let name: MetricName
  private(set) var id: MetricID?
  private var epoch = 0
  private var retryAtPoll = Int.min

  init(_ name: MetricName) {
    self.name = name
  }

  init(_ name: String) {
    self.init(MetricName(sanitizing: name))
  }

  /// A stream that replaces an idle one.
  init(_ name: MetricName, inPlaceOf idle: MetricSlot, in sink: some SampleSink) {
    self.init(name)
    id = sink.stream(named: name, inPlaceOf: idle.id)
    epoch = sink.epoch
  }

  /// The id of the metric; nil while the registry has no room for it.
  /// - Parameters:
  ///   - poll: the number of this poll.
  ///   - patience: how many polls to wait before trying a full registry again.
  mutating func metric(in sink: some SampleSink, poll: Int, patience: Int = 1) -> MetricID? {
    if isDue(sink.epoch, poll) { take(sink.metric(named: name), poll + patience) }
    return id
  }

  /// The id of the stream; nil while the registry has no room for it.
  mutating func stream(in sink: some SampleSink, poll: Int) -> MetricID? {
    if isDue(sink.epoch, poll) { take(sink.stream(named: name, inPlaceOf: nil), poll + 1) }
    return id
  }

  private mutating func isDue(_ epoch: Int, _ poll: Int) -> Bool {
    defer { self.epoch = epoch }
    return self.epoch != epoch || (id == nil && poll >= retryAtPoll)
  }

  private mutating func take(_ id: MetricID?, _ retryAtPoll: Int) {
    self.id = id
    self.retryAtPoll = retryAtPoll
  }
}
