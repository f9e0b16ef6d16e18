internal import Glibc
import Series

/// The devices of one file by name, in file order, monitored or not.
///
/// Files list devices in the same order at every poll, so the next lookup is nearly always for the
/// device after the last one found: it compares one name and allocates nothing.
struct DeviceTable<Device: AnyObject> {
  enum Entry {
    case watched(Device)
    case unwatched
    case unknown
  }

  private struct Row {
    let name: [UInt8]
    let device: Device?
    var pass: Int

    func isNamed(_ other: UnsafeRawBufferPointer) -> Bool {
      guard name.count == other.count, let base = other.baseAddress else { return false }
      return name.withUnsafeBytes { bytes in
        bytes.baseAddress.map { memcmp($0, base, other.count) == 0 } ?? false
      }
    }
  }

  /// How many devices are monitored.
  private(set) var watchedCount = 0

  private let maximumUnwatched: Int
  private var rows: [Row] = []
  private var pass = 0
  private var expected = 0
  private var seen = 0

  /// - Parameter maximumUnwatched: how many unwanted names are remembered; the others are filtered
  ///   again at every poll.
  init(maximumUnwatched: Int) {
    self.maximumUnwatched = maximumUnwatched
  }

  /// Starts a new pass over the file.
  mutating func beginPass() {
    pass += 1
    expected = 0
    seen = 0
  }

  /// The device of this name, marked as seen in this pass.
  mutating func find(_ name: UnsafeRawBufferPointer) -> Entry {
    for offset in 0..<rows.count {
      let index =
        expected + offset < rows.count ? expected + offset : expected + offset - rows.count
      guard rows[index].isNamed(name) else { continue }
      if rows[index].pass != pass { seen += 1 }
      rows[index].pass = pass
      expected = index + 1
      return rows[index].device.map(Entry.watched) ?? .unwatched
    }
    return .unknown
  }

  /// Inserts an unknown device in file order; nil means that it is not monitored.
  mutating func insert(_ name: UnsafeRawBufferPointer, _ device: Device?) {
    if device == nil, rows.count - watchedCount >= maximumUnwatched { return }
    rows.insert(Row(name: Array(name), device: device, pass: pass), at: expected)
    expected += 1
    seen += 1
    if device != nil { watchedCount += 1 }
  }

  /// Drops all devices that were not seen in this pass.
  mutating func forgetUnseen() {
    guard seen < rows.count else { return }
    let current = pass
    rows.removeAll { $0.pass != current }
    watchedCount = rows.reduce(0) { $0 + ($1.device == nil ? 0 : 1) }
  }
}

/// Selects the monitored devices of one file: those that pass the filter, while they are present,
/// up to a limit.
struct DeviceWatch {
  private let filter: NameFilter
  private let maximum: Int
  private var table = DeviceTable<DeviceRates>(maximumUnwatched: 4096)
  private var reportedMaximum = false

  /// - Parameter maximum: how many are monitored; the others are left out with one notice.
  init(_ filter: NameFilter, maximum: Int) {
    self.filter = filter
    self.maximum = maximum
  }

  /// Starts a new reading of the file.
  mutating func beginPass() { table.beginPass() }

  /// Processes a row. Allocates only for a new device.
  /// - Parameters:
  ///   - prefix: the part of metric names before a dot and the device.
  ///   - isComparable: whether the counters of this reading and the previous one cover the same
  ///     things.
  mutating func take(
    _ row: DeviceRow, _ prefix: String, _ metrics: [CounterMetric], isComparable: Bool = true,
    of file: ProcfsFile, _ tick: ProcfsTick
  ) {
    switch table.find(row.name) {
    case .watched(let device):
      device.update(row.counters, metrics, isComparable: isComparable, tick)
    case .unwatched: break
    case .unknown: meet(row, prefix, metrics, of: file, tick)
    }
  }

  /// Ends the reading. A device with a garbled line has not gone away.
  mutating func endPass(_ complaints: Complaints) {
    if complaints.count == 0 { table.forgetUnseen() }
  }

  /// Decides whether to monitor a device that was absent in the last poll.
  private mutating func meet(
    _ row: DeviceRow, _ prefix: String, _ metrics: [CounterMetric], of file: ProcfsFile,
    _ tick: ProcfsTick
  ) {
    let name = String(decoding: row.name, as: UTF8.self)
    let whole = row.whole.map { String(decoding: $0, as: UTF8.self) }
    guard filter.wants(name, partOf: whole) else {
      table.insert(row.name, nil)
      return
    }
    guard table.watchedCount < maximum else {
      if !reportedMaximum {
        reportedMaximum = true
        tick.notify(
          .warning,
          "\(file.path): expected at most \(maximum) devices to watch, found more, "
            + "the first of them \(name); those are not watched"
        )
      }
      table.insert(row.name, nil)
      return
    }
    let device = DeviceRates(prefix: prefix + "." + name + ".", metrics)
    device.update(row.counters, metrics, tick)
    table.insert(row.name, device)
  }
}
