/// Interrupts by source: `interrupt.nvme0q1.27.per_second` and `interrupt.LOC.per_second`
/// of /proc/interrupts, `soft_interrupt.NET_RX.per_second` of /proc/softirqs.
final class InterruptsCollector: Collector {
  static let word = "interrupts"
  static let isDefault = false
  static let leastDeviations = [
    LeastDeviation("interrupt.*", 200),
    LeastDeviation("interrupt.ERR.*", 0),
    LeastDeviation("interrupt.MCE.*", 0),
    LeastDeviation("soft_interrupt.*", 200),
  ]

  private let tables: [InterruptTable]

  init(_ host: CollectorHost) {
    tables = [("interrupts", "interrupt"), ("softirqs", "soft_interrupt")].map { file, prefix in
      InterruptTable(
        host.file("proc/" + file),
        DeviceWatch(host.section.interrupts, maximum: host.maximumDevices), prefix: prefix)
    }
  }

  func collect(_ tick: ProcfsTick) {
    for table in tables { table.collect(tick) }
  }
}

/// The rows of one file.
private final class InterruptTable {
  /// A processor takes at most a million interrupts a second; this covers all of a large host.
  private static let metrics = [
    CounterMetric(name: "per_second", plausiblePerSecond: 1e8, isPrimary: true)
  ]

  private let file: ProcfsFile
  private let prefix: String
  private var watch: DeviceWatch
  private var name = InterruptName()
  private var processors = 0

  init(_ file: ProcfsFile, _ watch: DeviceWatch, prefix: String) {
    self.file = file
    self.watch = watch
    self.prefix = prefix
  }

  func collect(_ tick: ProcfsTick) {
    guard let bytes = file.read(tick) else { return }
    var rows = InterruptRows(bytes)
    var complaints = Complaints()
    watch.beginPass()
    while let row = rows.next(&complaints) {
      name.set(row)
      var counters = InlineArray<8, UInt64>(repeating: 0)
      counters[0] = row.count
      // A processor that goes offline takes its counts with it, and brings them back.
      name.withBytes { bytes in
        watch.take(
          DeviceRow(name: bytes, counters: counters), prefix, InterruptTable.metrics,
          isComparable: rows.processors == processors || processors == 0, of: file, tick)
      }
    }
    processors = rows.processors
    file.report(complaints, tick)
    watch.endPass(complaints)
  }
}

/// The name of a row: its handlers, a dot and its label, or its label alone. Built in place because
/// these are not adjacent in the file.
struct InterruptName {
  private var bytes = InlineArray<64, UInt8>(repeating: 0)
  private var count = 0

  /// Sets the name of a row. Characters not allowed in metric names become `_`, and a blank after a
  /// comma is dropped.
  mutating func set(_ row: InterruptRows.Row) {
    count = 0
    let room = DeviceRow.maximumNameLength - row.label.count - 1
    var last: UInt8 = 0
    for byte in row.handlers {
      guard count < room else { break }
      if !(byte == 0x20 && last == UInt8(ascii: ",")) { append(byte) }
      last = byte
    }
    if count > 0 { append(UInt8(ascii: ".")) }
    for byte in row.label { append(byte) }
  }

  /// The name, valid within `body`.
  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.span.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  private mutating func append(_ byte: UInt8) {
    switch byte {
    case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "*"),
      UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"):
      bytes[count] = UInt8(ascii: "_")
    default: bytes[count] = byte
    }
    count += 1
  }
}
