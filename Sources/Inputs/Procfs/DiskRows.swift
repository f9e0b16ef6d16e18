/// The rows of /proc/diskstats. The kernel's Documentation/admin-guide/iostats.rst.
///
/// 14 columns since 2.6.25, 18 since 4.18 (discards), 20 since 5.5 (flushes); the first 14 mean
/// the same in all of them. Rows of 7 columns are partitions on earlier kernels.
package struct DiskRows: DeviceRows {
  package static let prefix = "disk"
  package static let path = "proc/diskstats"
  package static let leastDeviations = [
    LeastDeviation("disk.*s_per_second", 10),
    LeastDeviation("disk.*_bytes_per_second", 1e6),
    LeastDeviation("disk.*.utilisation", 0.1),
    LeastDeviation("disk.*.queue", 1),
    LeastDeviation("disk.*_latency_seconds", 0.005),
  ]

  /// Sectors are always 512 bytes, whatever the device; times are in milliseconds of at most 32
  /// bits on many kernels.
  package static let metrics = [
    CounterMetric(name: "reads_per_second", plausiblePerSecond: 5e6, isPrimary: true),
    CounterMetric(
      name: "read_bytes_per_second",
      scale: 512,
      plausiblePerSecond: 4e7,
      isPrimary: true
    ),
    CounterMetric(name: "writes_per_second", plausiblePerSecond: 5e6, isPrimary: true),
    CounterMetric(
      name: "write_bytes_per_second",
      scale: 512,
      plausiblePerSecond: 4e7,
      isPrimary: true
    ),
    CounterMetric(name: "utilisation", scale: 1e-3, ceiling: 1, plausiblePerSecond: 2000),
    CounterMetric(name: "queue", scale: 1e-3, plausiblePerSecond: 1e7),
    CounterMetric(
      name: "read_latency_seconds", scale: 1e-3, plausiblePerSecond: 1e7, divisor: 0),
    CounterMetric(
      name: "write_latency_seconds", scale: 1e-3, plausiblePerSecond: 1e7, divisor: 2),
  ]

  package static func filter(of section: ProcfsSection) -> NameFilter { section.disks }

  private var lines: TextLines
  private var disk = UnsafeRawBufferPointer(start: nil, count: 0)

  package init(_ bytes: UnsafeRawBufferPointer) {
    lines = TextLines(bytes)
  }

  package mutating func next(_ complaints: inout Complaints) -> DeviceRow? {
    while let line = lines.next(&complaints) {
      switch DiskRows.parse(line) {
      case .row(var row):
        if DiskRows.isPartition(row.name, of: disk) { row.whole = disk } else { disk = row.name }
        return row
      case .oldPartition: break
      case .malformed:
        complaints.malformed(
          line: lines.number,
          expected: "two numbers, a device and at least 11 numbers",
          found: line
        )
      }
    }
    return nil
  }

  private enum Line {
    case row(DeviceRow)
    case oldPartition
    case malformed
  }

  private static func parse(_ line: UnsafeRawBufferPointer) -> Line {
    var fields = TextFields(line)
    guard fields.unsigned() != nil, fields.unsigned() != nil, let name = fields.next(),
      name.count <= DeviceRow.maximumNameLength
    else { return .malformed }
    var row = DeviceRow(name: name)
    var column = 0
    while let field = fields.next() {
      // Operations in flight (column 8) are not used; they were negative on some kernels.
      if column != 8 {
        guard let value = field.unsigned else { return .malformed }
        switch column {
        case 0: row.counters[0] = value
        case 2: row.counters[1] = value
        case 4: row.counters[2] = value
        case 6: row.counters[3] = value
        case 9: row.counters[4] = value
        case 10: row.counters[5] = value
        case 3: row.counters[6] = value
        case 7: row.counters[7] = value
        default: break
        }
      }
      column += 1
    }
    if column == 4 { return .oldPartition }
    return column >= 11 ? .row(row) : .malformed
  }

  /// The kernel lists partitions after their disk and names them by the disk's name and a number,
  /// with a `p` in between if the disk's name ends in a digit: `sda` and `sda1`, `nvme0n1` and
  /// `nvme0n1p1`.
  private static func isPartition(
    _ name: UnsafeRawBufferPointer,
    of disk: UnsafeRawBufferPointer
  ) -> Bool {
    guard let last = disk.last, name.count > disk.count,
      name.prefix(disk.count).elementsEqual(disk)
    else { return false }
    var rest = name.dropping(disk.count)
    if (0x30...0x39).contains(last) {
      guard rest.first == UInt8(ascii: "p") else { return false }
      rest = rest.dropping(1)
    }
    return rest.unsigned != nil
  }
}
