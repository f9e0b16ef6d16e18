/// Host-wide values of /proc/stat. `man 5 proc_stat`.
package struct KernelStat: ProcfsReading, Equatable {
  /// Time per mode, summed over all processors.
  package var cpu: CPUTimes?
  /// Interrupts served since boot.
  package var interrupts: UInt64?
  /// Software interrupts served since boot.
  package var softInterrupts: UInt64?
  /// Context switches since boot.
  package var contextSwitches: UInt64?
  /// Processes and threads created since boot.
  package var forks: UInt64?
  /// Runnable tasks.
  package var running: UInt64?
  /// Tasks waiting for I/O.
  package var blocked: UInt64?
  /// The number of online processors; 0 if the file does not list them.
  package private(set) var processors = 0
  /// Time per mode of each online processor, in file order.
  package private(set) var cores: [CoreTimes] = []

  private let maximumCores: Int

  /// - Parameter maximumCores: how many single processors are read, 0 for none.
  package init(maximumCores: Int = 0) {
    self.maximumCores = maximumCores
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    cpu = nil
    (interrupts, softInterrupts, contextSwitches) = (nil, nil, nil)
    (forks, running, blocked) = (nil, nil, nil)
    cores.removeAll(keepingCapacity: true)
    processors = 0
    var lines = TextLines(bytes)
    let complaintsBefore = complaints.count
    while let line = lines.next(&complaints) {
      if line.starts(with: "cpu ") {
        cpu = CPUTimes(line)
        if cpu == nil {
          complaints.malformed(
            line: lines.number,
            expected: "\"cpu\" and at least 4 numbers",
            found: line
          )
        }
      } else if line.starts(with: "cpu") {
        processors += 1
        guard cores.count < maximumCores else { continue }
        if let core = CoreTimes(line) {
          cores.append(core)
        } else {
          complaints.malformed(
            line: lines.number,
            expected: "\"cpu\", a processor's number and at least 4 numbers",
            found: line
          )
        }
      } else if line.starts(with: "intr ") {
        interrupts = KernelStat.count(line, lines.number, &complaints)
      } else if line.starts(with: "ctxt ") {
        contextSwitches = KernelStat.count(line, lines.number, &complaints)
      } else if line.starts(with: "processes ") {
        forks = KernelStat.count(line, lines.number, &complaints)
      } else if line.starts(with: "procs_running ") {
        running = KernelStat.count(line, lines.number, &complaints)
      } else if line.starts(with: "procs_blocked ") {
        blocked = KernelStat.count(line, lines.number, &complaints)
      } else if line.starts(with: "softirq ") {
        softInterrupts = KernelStat.count(line, lines.number, &complaints)
      }
    }
    guard complaints.count == complaintsBefore else { return }
    if cpu == nil { complaints.missing("a line that starts with \"cpu \"") }
    if contextSwitches == nil { complaints.missing("a line that starts with \"ctxt \"") }
  }

  /// The first number after a line's key.
  private static func count(
    _ line: UnsafeRawBufferPointer,
    _ number: Int,
    _ complaints: inout Complaints
  ) -> UInt64? {
    var fields = TextFields(line)
    _ = fields.next()
    if let value = fields.unsigned() { return value }
    complaints.malformed(line: number, expected: "a name and a number", found: line)
    return nil
  }
}

/// Time spent in each mode since boot, in ticks of 10 ms.
package struct CPUTimes: Equatable {
  /// How many of the columns this kernel has, 4...10.
  package private(set) var columns = 0
  /// user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice; 0 if the kernel
  /// does not have the column. user and nice include guest and guest_nice.
  package private(set) var ticks = InlineArray<10, UInt64>(repeating: 0)

  /// Parses a line such as `cpu  4705 356 584 3699 23 23 0 0 0 0`; nil for any other.
  package init?(_ line: UnsafeRawBufferPointer) {
    var fields = TextFields(line)
    _ = fields.next()
    while let field = fields.next() {
      guard let value = field.unsigned else { return nil }
      // Columns added by a later kernel would be part of the first ten.
      guard columns < 10 else { continue }
      ticks[columns] = value
      columns += 1
    }
    guard columns >= 4 else { return nil }
  }

  /// Same columns, same times.
  package static func == (lhs: CPUTimes, rhs: CPUTimes) -> Bool {
    lhs.columns == rhs.columns && (0..<10).allSatisfy { lhs.ticks[$0] == rhs.ticks[$0] }
  }
}

/// Time one processor spent in each mode since boot.
package struct CoreTimes: Equatable {
  /// The processor's number.
  package let number: Int
  /// Its times.
  package let times: CPUTimes

  /// Parses a line such as `cpu12 4705 356 584 3699`; nil for any other.
  package init?(_ line: UnsafeRawBufferPointer) {
    var fields = TextFields(line)
    guard let name = fields.next(), let number = name.dropping(3).unsigned, number < 1 << 16,
      let times = CPUTimes(line)
    else { return nil }
    self.number = Int(number)
    self.times = times
  }
}
