import Series

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
