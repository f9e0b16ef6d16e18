/// Errors that the kernel counts for storage: `scsi.sda.errors_per_second` for SCSI and SATA disks,
/// `ext4.sda1.errors_per_second`, `btrfs.UUID.1.errors_per_second` for each device of a filesystem,
/// and `raid.md0.degraded`, the number of missing members of an array.
///
/// The kernel's Documentation/ABI/testing/sysfs-fs-ext4, Documentation/admin-guide/md.rst. NVMe and
/// XFS publish no such counters in /sys.
final class DeviceErrorsCollector: Collector {
  static let word = "errors"

  private final class Counter: CensusMember {
    let name: String
    let source: ProcfsSource<ErrorCount>
    var rate: CounterRate

    init(_ name: String, _ file: ProcfsFile) {
      self.name = name
      source = ProcfsSource(file, ErrorCount())
      rate = CounterRate(CounterMetric(name: "\(name).errors_per_second"))
    }
  }

  private final class RaidArray: CensusMember {
    let name: String
    let source: ProcfsSource<ErrorCount>
    var missing: MetricSlot

    init(_ name: String, _ file: ProcfsFile) {
      self.name = name
      source = ProcfsSource(file, ErrorCount())
      missing = MetricSlot("raid.\(name).degraded")
    }
  }

  private let root: String
  private let filter: NameFilter
  private var counters: Census<Counter>
  private var arrays: Census<RaidArray>

  init(_ host: CollectorHost) {
    root = host.root
    filter = host.section.disks
    counters = Census("error counters", maximum: host.maximumDevices)
    arrays = Census("RAID arrays", maximum: host.maximumDevices)
  }

  func collect(_ tick: ProcfsTick) {
    if counters.isDue(tick) { discover(tick) }
    for counter in counters.members { counter.rate.update(counter.source.reading(tick)?.sum, tick) }
    for array in arrays.members {
      guard let missing = array.source.reading(tick)?.sum else { continue }
      tick.deliver(count: missing, to: &array.missing)
    }
  }

  private func discover(_ tick: ProcfsTick) {
    let disks = names(in: "sys/block")
    // Only devices that can have the file: those not found are tried again at every discovery.
    var found = disks.filter { $0.hasPrefix("sd") && filter.wants($0) }
      .map { "sys/block/\($0)/device/ioerr_cnt" }
    found += names(in: "sys/fs/ext4").filter { $0 != "features" }
      .map { "sys/fs/ext4/\($0)/errors_count" }
    for filesystem in names(in: "sys/fs/btrfs") {
      let devices = "sys/fs/btrfs/\(filesystem)/devinfo"
      found += names(in: devices).map { "\(devices)/\($0)/error_stats" }
    }
    counters.renew(found, tick) { path, _ in
      counted(path, tick).map { Counter(DeviceErrorsCollector.name(of: path), $0) }
    }
    let raids = disks.filter { $0.hasPrefix("md") }
    arrays.renew(raids.map { "sys/block/\($0)/md/degraded" }, tick) { path, _ in
      counted(path, tick).map { RaidArray(DeviceErrorsCollector.component(2, of: path), $0) }
    }
  }

  private func names(in directory: String) -> [String] {
    DirectoryListing.entries(of: ProcfsFile(directory, below: root).path)
      .filter(\.mayBeDirectory).map(\.name)
  }

  /// The file at a path; nil if the device does not have it.
  private func counted(_ path: String, _ tick: ProcfsTick) -> ProcfsFile? {
    let file = ProcfsFile(path, below: root, .fleeting)
    return file.firstLine(tick) == nil ? nil : file
  }

  /// The part of the metric's name that identifies the device.
  private static func name(of path: String) -> String {
    if path.hasPrefix("sys/block") { return "scsi." + component(2, of: path) }
    let filesystem = component(2, of: path) + "." + component(3, of: path)
    return filesystem.hasPrefix("ext4") ? filesystem : filesystem + "." + component(5, of: path)
  }

  private static func component(_ index: Int, of path: String) -> String {
    let components = path.split(separator: "/")
    return index < components.count ? String(components[index]) : ""
  }
}

/// The numbers at the ends of a file's lines, summed: `0`, `0x1f` as SCSI writes them, or lines
/// like `read_errs 0`.
package struct ErrorCount: ProcfsReading {
  /// The sum; nil if a line was malformed.
  package private(set) var sum: UInt64?

  package init() {}

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    var total: UInt64 = 0
    let before = complaints.count
    var lines = TextLines(bytes)
    while let line = lines.next(&complaints) {
      var fields = TextFields(line)
      var last: UnsafeRawBufferPointer?
      while let field = fields.next() { last = field }
      if let count = last.flatMap({ $0.starts(with: "0x") ? $0.dropping(2).hex : $0.unsigned }) {
        total &+= count
      } else {
        complaints.malformed(
          line: lines.number, expected: "a line that ends in a count", found: line)
      }
    }
    sum = complaints.count == before && lines.number > 0 ? total : nil
  }
}

extension UnsafeRawBufferPointer {
  /// All bytes as one hexadecimal number in lower case; nil for anything else, and beyond 64 bits.
  fileprivate var hex: UInt64? {
    guard (1...16).contains(count) else { return nil }
    var value: UInt64 = 0
    for byte in self {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - 0x57)
      default: return nil
      }
    }
    return value
  }
}
