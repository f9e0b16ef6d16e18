internal import Series

/// A metric that is resolved to its id once.
struct Channel {
  /// How many polls to wait before a full registry is tried again: five minutes by default.
  private static let patience = 60

  private let name: MetricName
  private var id: MetricID?
  private var epoch = 0
  private var askAgainAtPoll = 0

  init(_ name: String) {
    self.name = MetricName(sanitizing: name)
  }

  /// The id of the metric; nil while the registry has no room for it.
  mutating func resolve(in sink: any SampleSink, poll: Int) -> MetricID? {
    if let id, epoch == sink.epoch { return id }
    guard poll >= askAgainAtPoll else { return nil }
    id = sink.metric(named: name)
    epoch = sink.epoch
    if id == nil { askAgainAtPoll = poll + Channel.patience }
    return id
  }
}
