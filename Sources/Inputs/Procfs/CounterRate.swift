/// One kernel counter as a rate metric.
struct CounterRate {
  private let metric: CounterMetric
  private var channel: Channel
  private var window = RateWindow()
  private var previous: UInt64 = 0

  init(_ metric: CounterMetric) {
    self.metric = metric
    channel = Channel(metric.name)
  }

  /// Processes a reading and delivers the rate since the previous one. A reset is a gap. Without a
  /// reading nothing is delivered; the next one is then compared with the last there was.
  mutating func update(_ reading: UInt64?, _ tick: ProcfsTick) {
    guard let reading else { return }
    defer { previous = reading }
    switch window.advance(to: tick.instant, longest: tick.longestWindow) {
    case .first: break
    case .gap: tick.deliver(.nan, to: &channel)
    case .seconds(let seconds):
      let difference = metric.difference(from: previous, to: reading, over: seconds)
      tick.deliver(difference.map { metric.rate($0, over: seconds) } ?? .nan, to: &channel)
    }
  }
}
