@testable import Inputs

/// Parses twice; what stands there before must not matter.
@discardableResult
private func parse<Reading: ProcfsReading>(
  _ bytes: UnsafeRawBufferPointer, _ reading: Reading
) -> (once: Reading, twice: Reading) {
  var (once, complaints) = (reading, Complaints())
  once.parse(bytes, &complaints)
  var (twice, again) = (once, Complaints())
  twice.parse(bytes, &again)
  promise(complaints == again, "the same text, the same complaints")
  return (once, twice)
}

private func compare<Reading: ProcfsReading & Equatable>(
  _ bytes: UnsafeRawBufferPointer, _ reading: Reading
) {
  let (once, twice) = parse(bytes, reading)
  promise(once == twice, "the same text, the same values")
}

extension FuzzTarget {
  /// Every file of /proc and /sys; the first byte chooses the parser.
  static let procfs = FuzzTarget(
    "procfs", maximumBytes: 2_048,
    seeds: ["linux-3.10", "linux-4.19", "linux-5.15", "linux-6.1"].flatMap { kernel in
      fixtures(
        kernel,
        [
          (0, "proc/stat"), (1, "proc/loadavg"), (2, "proc/meminfo"), (3, "proc/vmstat"),
          (4, "proc/net/snmp"), (5, "proc/net/netstat"), (6, "proc/net/sockstat"),
          (7, "proc/net/snmp6"), (8, "proc/sys/fs/file-nr"), (9, "proc/pressure/io"),
          (10, "sys/fs/cgroup/system.slice/nginx.service/io.stat"),
          (11, "sys/fs/cgroup/system.slice/nginx.service/cpu.stat"), (12, "proc/diskstats"),
          (13, "proc/net/dev"), (14, "proc/1/mountinfo"),
          (16, "sys/block/sda/device/ioerr_cnt"), (17, "proc/interrupts"), (17, "proc/softirqs"),
        ])
    } + [
      [15] + Array("temp1_input".utf8),
      [18] + Array("8:0 Read 4096\n8:0 Write 512\n8:0 Total 4608\nTotal 4608\n".utf8),
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    bytes.withUnsafeBytes { all in
      let text = UnsafeRawBufferPointer(rebasing: all.dropFirst())
      var complaints = Complaints()
      switch choice % 19 {
      case 0: compare(text, KernelStat(maximumCores: 8))
      case 1: compare(text, LoadAverages())
      case 2: parse(text, KeyedReading<MemoryKey>())
      case 3: parse(text, KeyedReading<PagingKey>())
      case 4: parse(text, ProtocolReading<TransportKey>(.headings))
      case 5: parse(text, ProtocolReading<TCPExtensionKey>(.headings))
      case 6: parse(text, ProtocolReading<SocketKey>(.pairs))
      case 7: parse(text, KeyedReading<UDP6Key>())
      case 8: parse(text, NumbersReading(3))
      case 9: compare(text, PressureTotals())
      case 10: parse(text, GroupIO())
      case 16: parse(text, ErrorCount())
      case 18: parse(text, ServedBytes())
      case 11: parse(text, KeyedReading<GroupCPUKey>())
      case 12:
        var rows = DiskRows(text)
        while rows.next(&complaints) != nil {}
      case 13:
        var rows = InterfaceRows(text)
        while rows.next(&complaints) != nil {}
      case 17:
        var rows = InterruptRows(text)
        while let row = rows.next(&complaints) {
          promise(
            (1...InterruptRows.maximumLabelLength).contains(row.label.count), "a label has a length"
          )
        }
      case 14:
        for mount in MountTable.parse(text, &complaints) {
          promise(mount.point.utf8.first == UInt8(ascii: "/"), "a mount has an absolute path")
        }
      default: _ = SensorFile(String(decoding: text, as: UTF8.self))
      }
    }
  }
}
