/// The devices of one file: `disk.sda.reads_per_second`, `network.eth0.receive_bytes_per_second`.
///
/// A device that has been idle since boot has no metrics until it does something. One that
/// disappears is dropped; when it returns it starts afresh, under the same names.
final class DeviceCollector<Rows: DeviceRows>: Collector {
  static var word: String { Rows.prefix }
  static var leastDeviations: [LeastDeviation] { Rows.leastDeviations }

  private let file: ProcfsFile
  private let metrics = Rows.metrics
  private var watch: DeviceWatch

  init(_ host: CollectorHost) {
    file = host.file(Rows.path)
    watch = DeviceWatch(Rows.filter(of: host.section), maximum: host.maximumDevices)
  }

  func collect(_ tick: ProcfsTick) {
    guard let bytes = file.read(tick) else { return }
    var rows = Rows(bytes)
    var complaints = Complaints()
    watch.beginPass()
    while let row = rows.next(&complaints) {
      watch.take(row, Rows.prefix, metrics, of: file, tick)
    }
    file.report(complaints, tick)
    watch.endPass(complaints)
  }
}

/// One device's row of a file at one time.
package struct DeviceRow {
  /// The device's name, 1...``maximumNameLength`` bytes, valid as long as the file's text is.
  package var name: UnsafeRawBufferPointer
  /// Its counters, in the order of ``DeviceRows/metrics``.
  package var counters = InlineArray<8, UInt64>(repeating: 0)
  /// The name of the device in the same file that it is a part of, if any.
  package var whole: UnsafeRawBufferPointer?

  /// Names of disks have at most 31 bytes, of interfaces 15; interrupt names are cut to this.
  package static let maximumNameLength = 64
}

/// The rows of a file with one device per line.
package protocol DeviceRows {
  /// The prefix of the devices' metric names, and the word in `Collectors=`.
  static var prefix: String { get }
  /// The file, below the root.
  static var path: String { get }
  /// Which devices are monitored.
  static func filter(of section: ProcfsSection) -> NameFilter
  /// Minimum deviations for an event.
  static var leastDeviations: [LeastDeviation] { get }
  /// The metrics of each device, at most 8.
  static var metrics: [CounterMetric] { get }

  /// The rows of a whole file.
  init(_ bytes: UnsafeRawBufferPointer)
  /// The next row; nil at the end. Malformed lines are recorded as complaints and skipped.
  mutating func next(_ complaints: inout Complaints) -> DeviceRow?
}

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
  /// If two primary counters decreased, or one in a way that is not a wrap, this is a different
  /// device, or the same one plugged in again: the interval is a gap in all metrics. Any other
  /// counter that was reset is a gap in its own metric.
  /// - Parameter isComparable: whether the counters cover the same things as in the previous
  ///   reading; if not, the interval is a gap.
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
