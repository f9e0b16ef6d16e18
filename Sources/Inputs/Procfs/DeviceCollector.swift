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

/// What a file reports about one device at one moment.
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
  /// What names of the devices' metrics begin with, and the word in `Collectors=`.
  static var prefix: String { get }
  /// The file, below the root.
  static var path: String { get }
  /// Which devices are wanted.
  static func filter(of section: ProcfsSection) -> NameFilter
  /// How far off an event must be.
  static var leastDeviations: [LeastDeviation] { get }
  /// The metrics of each device, at most 8.
  static var metrics: [CounterMetric] { get }

  /// The rows of a whole file.
  init(_ bytes: UnsafeRawBufferPointer)
  /// The next row; nil at the end. Malformed lines are recorded as complaints and skipped.
  mutating func next(_ complaints: inout Complaints) -> DeviceRow?
}
