import Series

/// Which devices of one file are watched: those that pass the filter, while they are present, up to
/// a limit.
struct DeviceWatch {
  private let filter: NameFilter
  private let maximum: Int
  private var table = DeviceTable<DeviceRates>(maximumUnwatched: 4096)
  private var reportedMaximum = false

  /// - Parameter maximum: how many are watched; the others are left out with one notice.
  init(_ filter: NameFilter, maximum: Int) {
    self.filter = filter
    self.maximum = maximum
  }

  /// Starts a new reading of the file.
  mutating func beginPass() { table.beginPass() }

  /// Processes a row. Allocates only for a new device.
  /// - Parameters:
  ///   - prefix: what precedes a dot and the device in metric names.
  ///   - isComparable: whether the counters of this reading and the previous one count the same.
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

  /// Ends the reading. A device whose line is garbled has not gone away.
  mutating func endPass(_ complaints: Complaints) {
    if complaints.count == 0 { table.forgetUnseen() }
  }

  /// Decides whether to watch a device that was not there at the last poll.
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
