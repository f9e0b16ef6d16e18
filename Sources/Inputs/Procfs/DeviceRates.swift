/// The metrics of one device.
final class DeviceRates {
  private var channels: [MetricSlot]
  private var window = RateWindow()
  private var previous = InlineArray<8, UInt64>(repeating: 0)
  private var wasActive = false

  init(prefix: String, _ metrics: [CounterMetric]) {
    channels = metrics.map { MetricSlot(prefix + $0.name) }
  }

  /// Processes a reading and delivers the rates since the previous one.
  ///
  /// If two primary counters decreased, or one in a way that is no wrap, this is a different
  /// device, or the same one plugged in again: the interval is a gap in all metrics.
  /// Any other counter that was reset is a gap in its own metric.
  /// - Parameter isComparable: whether the counters count the same as at the previous reading; if
  ///   not, the interval is a gap.
  func update(
    _ counters: InlineArray<8, UInt64>,
    _ metrics: [CounterMetric],
    isComparable: Bool = true,
    _ tick: ProcfsTick
  ) {
    let step = window.advance(to: tick.instant, longest: tick.longestWindow)
    defer { previous = counters }
    if !wasActive { wasActive = !(0..<8).allSatisfy { counters[$0] == 0 } }
    guard step != .first, wasActive else { return }
    guard isComparable, case .seconds(let seconds) = step, !wasReset(counters, metrics, seconds)
    else {
      for index in channels.indices { tick.deliver(.nan, to: &channels[index]) }
      return
    }
    var differences = InlineArray<8, UInt64?>(repeating: nil)
    for index in channels.indices {
      differences[index] = metrics[index].difference(
        from: previous[index],
        to: counters[index],
        over: seconds
      )
    }
    for index in channels.indices {
      let value = DeviceRates.value(index, metrics[index], differences, seconds)
      tick.deliver(value, to: &channels[index])
    }
  }

  private static func value(
    _ index: Int,
    _ metric: CounterMetric,
    _ differences: InlineArray<8, UInt64?>,
    _ seconds: Double
  ) -> Double {
    guard let difference = differences[index] else { return .nan }
    guard let divisor = metric.divisor else { return metric.rate(difference, over: seconds) }
    guard let count = differences[divisor] else { return .nan }
    return count == 0 ? 0 : metric.rate(difference, over: Double(count))
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
