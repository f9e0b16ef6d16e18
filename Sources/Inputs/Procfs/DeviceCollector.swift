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
