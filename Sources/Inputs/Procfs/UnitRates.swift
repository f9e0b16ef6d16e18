/// The metrics of one control group, from cpu.stat, memory.current, memory.swap.current, io.stat
/// and pids.current. The kernel's Documentation/admin-guide/cgroup-v2.rst.
///
/// A controller that is not enabled for the unit has no metrics.
final class UnitRates: CensusMember {
  let name: String

  private let cpu: ProcfsSource<KeyedReading<GroupCPUKey>>
  private let io: ProcfsSource<GroupIO>
  private let levels: [ProcfsSource<NumbersReading>]
  private var channels: [MetricSlot]
  private var processors: CounterRate
  private var throttled: CounterRate
  private var rates: [CounterRate]

  init(_ name: String, group: String, below root: String) {
    self.name = name
    func file(_ name: String) -> ProcfsFile {
      ProcfsFile(group + "/" + name, below: root, .fleeting)
    }
    func rate(_ metric: String, scale: Double = 1, ceiling: Double = .infinity) -> CounterRate {
      CounterRate(CounterMetric(name: "unit.\(name).\(metric)", scale: scale, ceiling: ceiling))
    }
    cpu = ProcfsSource(file("cpu.stat"), KeyedReading())
    io = ProcfsSource(file("io.stat"), GroupIO())
    levels = ["memory.current", "memory.swap.current", "pids.current"].map {
      ProcfsSource(file($0), NumbersReading())
    }
    channels = ["memory_bytes", "swap_bytes", "tasks"].map { MetricSlot("unit.\(name).\($0)") }
    processors = rate("processors", scale: 1e-6)
    throttled = rate("throttled", scale: 1e-6)
    rates = [
      "read_bytes_per_second", "write_bytes_per_second", "reads_per_second", "writes_per_second",
    ].map { rate($0) }
  }

  func collect(_ tick: ProcfsTick) {
    if let cpu = cpu.reading(tick) {
      processors.update(cpu[.usage], tick)
      throttled.update(cpu[.throttled], tick)
    }
    for index in levels.indices {
      guard let value = levels[index].reading(tick)?[0], value >= 0 else { continue }
      tick.deliver(Double(value), to: &channels[index])
    }
    // A group without any I/O yet has an empty file.
    if let io = io.reading(tick) {
      for index in rates.indices { rates[index].update(io.counters[index], tick) }
    }
  }
}

/// The wanted lines of a control group's cpu.stat, in microseconds.
package enum GroupCPUKey: Int, ProcfsKey {
  case usage, throttled

  package static let separator = UInt8(ascii: " ")

  package var isRequired: Bool { self == .usage }

  package var text: StaticString {
    switch self {
    case .usage: "usage_usec"
    case .throttled: "throttled_usec"
    }
  }
}

/// The contents of a control group's io.stat, summed over its devices.
package struct GroupIO: ProcfsReading {
  /// Bytes read and written, reads and writes.
  package private(set) var counters = InlineArray<4, UInt64>(repeating: 0)

  package init() {}

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    counters = InlineArray(repeating: 0)
    var lines = TextLines(bytes)
    while let line = lines.next(&complaints) {
      var fields = TextFields(line)
      guard let device = fields.next(), device.contains(UInt8(ascii: ":")), take(&fields) else {
        complaints.malformed(
          line: lines.number,
          expected: "text like \"8:0 rbytes=0 wbytes=0 rios=0 wios=0\"",
          found: line
        )
        continue
      }
    }
  }

  private mutating func take(_ fields: inout TextFields) -> Bool {
    while let field = fields.next() {
      guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else { return false }
      let name = UnsafeRawBufferPointer(rebasing: field[..<equals])
      let position: Int
      if name.equals("rbytes") {
        position = 0
      } else if name.equals("wbytes") {
        position = 1
      } else if name.equals("rios") {
        position = 2
      } else if name.equals("wios") {
        position = 3
      } else {
        continue
      }
      guard let value = field.dropping(equals + 1).unsigned else { return false }
      counters[position] &+= value
    }
    return true
  }
}
