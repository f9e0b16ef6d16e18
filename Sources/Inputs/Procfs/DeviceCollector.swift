/// What a file says of one device at one moment.
package struct DeviceRow {
  /// The device's name, 1...``maximumNameLength`` bytes, valid as long as the file's text is.
  package var name: UnsafeRawBufferPointer
  /// Its counters, in the order of ``DeviceRows/metrics``.
  package var counters = InlineArray<8, UInt64>(repeating: 0)
  /// The name of the device of the same file that it is a part of, if it is one.
  package var whole: UnsafeRawBufferPointer?

  /// Names of disks have at most 31 bytes, of interfaces 15.
  package static let maximumNameLength = 64
}

/// The rows of a file with one device a line.
package protocol DeviceRows {
  /// What names of the devices' metrics begin with.
  static var prefix: String { get }
  /// The metrics of each device, at most 8.
  static var metrics: [CounterMetric] { get }

  /// The rows of a whole file.
  init(_ bytes: UnsafeRawBufferPointer)
  /// The next row; nil at the end. Lines that are not understood are complaints, and left out.
  mutating func next(_ complaints: inout Complaints) -> DeviceRow?
}

/// The devices of one file: `disk.sda.reads_per_second`, `network.eth0.receive_bytes_per_second`.
///
/// A device that did nothing since boot has no metrics before it does something. One that
/// disappears is forgotten; when it comes back it starts anew, under the same names.
final class DeviceCollector<Rows: DeviceRows>: Collector {
  private let file: ProcfsFile
  private let filter: NameFilter
  private let maximum: Int
  private let metrics = Rows.metrics
  private var table = DeviceTable<DeviceRates>(maximumUnwatched: 4096)
  private var toldOfMaximum = false

  init(_ file: ProcfsFile, _ filter: NameFilter, maximum: Int) {
    self.file = file
    self.filter = filter
    self.maximum = maximum
  }

  func collect(_ tick: ProcfsTick) {
    guard let bytes = file.read(tick) else { return }
    var rows = Rows(bytes)
    var complaints = Complaints()
    table.beginPass()
    while let row = rows.next(&complaints) {
      switch table.find(row.name) {
      case .watched(let device): device.update(row.counters, metrics, tick)
      case .unwatched: break
      case .unknown: meet(row, tick)
      }
    }
    file.report(complaints, tick)
    // A device whose line is garbled has not gone away.
    if complaints.count == 0 { table.forgetUnseen() }
  }

  /// Decides on a device that was not there at the last poll.
  private func meet(_ row: DeviceRow, _ tick: ProcfsTick) {
    let name = String(decoding: row.name, as: UTF8.self)
    let whole = row.whole.map { String(decoding: $0, as: UTF8.self) }
    guard filter.wants(name, partOf: whole) else {
      table.insert(row.name, nil)
      return
    }
    guard table.watchedCount < maximum else {
      if !toldOfMaximum {
        toldOfMaximum = true
        tick.tell(
          .warning,
          "\(file.path): expected at most \(maximum) devices to watch, found more, "
            + "the first of them \(name); those are not watched"
        )
      }
      table.insert(row.name, nil)
      return
    }
    let device = DeviceRates(prefix: Rows.prefix + "." + name + ".", metrics)
    device.update(row.counters, metrics, tick)
    table.insert(row.name, device)
  }
}

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
