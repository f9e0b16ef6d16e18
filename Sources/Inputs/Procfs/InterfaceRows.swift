/// The rows of /proc/net/dev: two header lines, then `name: 16 numbers`, on old kernels
/// without a space after the colon. A name may contain colons itself (`eth0:1`), the numbers
/// never do: the last colon ends the name.
package struct InterfaceRows: DeviceRows {
  package static let prefix = "network"
  package static let path = "proc/net/dev"
  package static let leastDeviations = [
    LeastDeviation("network.*_bytes_per_second", 1e5),
    LeastDeviation("network.*_packets_per_second", 100),
    LeastDeviation("network.*_errors_per_second", 1),
    LeastDeviation("network.*_drops_per_second", 1),
  ]

  /// Counters have 64 bits, but some drivers fill them from 32-bit ones.
  package static let metrics = [
    CounterMetric(
      name: "receive_bytes_per_second",
      plausiblePerSecond: 1.25e10,
      isPrimary: true
    ),
    CounterMetric(
      name: "receive_packets_per_second",
      plausiblePerSecond: 2e8,
      isPrimary: true
    ),
    CounterMetric(name: "receive_errors_per_second", plausiblePerSecond: 1e6),
    CounterMetric(name: "receive_drops_per_second", plausiblePerSecond: 1e6),
    CounterMetric(
      name: "transmit_bytes_per_second",
      plausiblePerSecond: 1.25e10,
      isPrimary: true
    ),
    CounterMetric(
      name: "transmit_packets_per_second",
      plausiblePerSecond: 2e8,
      isPrimary: true
    ),
    CounterMetric(name: "transmit_errors_per_second", plausiblePerSecond: 1e6),
    CounterMetric(name: "transmit_drops_per_second", plausiblePerSecond: 1e6),
  ]

  package static func filter(of section: ProcfsSection) -> NameFilter { section.interfaces }

  private var lines: TextLines

  package init(_ bytes: UnsafeRawBufferPointer) {
    lines = TextLines(bytes)
  }

  package mutating func next(_ complaints: inout Complaints) -> DeviceRow? {
    while let line = lines.next(&complaints) {
      if lines.number <= 2, line.contains(UInt8(ascii: "|")) { continue }
      if let row = InterfaceRows.parse(line) { return row }
      complaints.malformed(
        line: lines.number,
        expected: "an interface, a colon and 16 numbers",
        found: line
      )
    }
    return nil
  }

  private static func parse(_ line: UnsafeRawBufferPointer) -> DeviceRow? {
    guard let colon = line.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    var names = TextFields(UnsafeRawBufferPointer(rebasing: line[..<colon]))
    guard let name = names.next(), names.next() == nil,
      name.count <= DeviceRow.maximumNameLength
    else { return nil }
    var row = DeviceRow(name: name)
    var fields = TextFields(line.dropping(colon + 1))
    var column = 0
    while let field = fields.next() {
      guard let value = field.unsigned else { return nil }
      switch column {
      case 0...3: row.counters[column] = value
      case 8...11: row.counters[column - 4] = value
      default: break
      }
      column += 1
    }
    return column >= 16 ? row : nil
  }
}
