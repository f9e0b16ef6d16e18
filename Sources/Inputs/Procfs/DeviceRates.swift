/// The metrics of one device.
final class DeviceRates {
  private var channels: [Channel]
  private var window = RateWindow()
  private var previous = InlineArray<8, UInt64>(repeating: 0)
  private var wasActive = false

  init(prefix: String, _ metrics: [CounterMetric]) {
    channels = metrics.map { Channel(prefix + $0.name) }
  }

  /// Takes a reading, and delivers the rates since the last one.
  ///
  /// When two primary counters became smaller, or one in a way that is no wrap, then this is
  /// another device, or the same one plugged in again: the interval is a gap in all metrics.
  /// Any other counter that was set back is a gap in its own metric.
  func update(
    _ counters: InlineArray<8, UInt64>,
    _ metrics: [CounterMetric],
    _ tick: ProcfsTick
  ) {
    let step = window.advance(to: tick.instant, longest: tick.longestWindow)
    defer { previous = counters }
    if !wasActive { wasActive = !(0..<8).allSatisfy { counters[$0] == 0 } }
    guard step != .first, wasActive else { return }
    guard case .seconds(let seconds) = step, !wasReset(counters, metrics, seconds) else {
      for index in channels.indices { tick.deliver(.nan, to: &channels[index]) }
      return
    }
    for index in channels.indices {
      let metric = metrics[index]
      let difference = metric.difference(
        from: previous[index],
        to: counters[index],
        over: seconds
      )
      tick.deliver(
        difference.map { metric.rate($0, over: seconds) } ?? .nan,
        to: &channels[index]
      )
    }
  }

  private func wasReset(
    _ counters: InlineArray<8, UInt64>,
    _ metrics: [CounterMetric],
    _ seconds: Double
  ) -> Bool {
    var smaller = 0
    for index in metrics.indices where metrics[index].isPrimary {
      let (old, new) = (previous[index], counters[index])
      guard new < old else { continue }
      smaller += 1
      if metrics[index].difference(from: old, to: new, over: seconds) == nil { return true }
    }
    return smaller > 1
  }
}
