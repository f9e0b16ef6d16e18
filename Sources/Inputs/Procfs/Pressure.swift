import Series

/// The contents of a file in /proc/pressure: microseconds since boot in which tasks stalled.
/// The kernel's Documentation/accounting/psi.rst.
package struct PressureTotals: ProcfsReading, Equatable {
  /// At least one task stalled.
  package var some: UInt64?
  /// All non-idle tasks stalled.
  package var full: UInt64?

  package init() {}

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    self = PressureTotals()
    var lines = TextLines(bytes)
    while let line = lines.next(&complaints) {
      let total = PressureTotals.total(line)
      if line.starts(with: "some "), total != nil {
        some = total
      } else if line.starts(with: "full "), total != nil {
        full = total
      } else {
        complaints.malformed(
          line: lines.number,
          expected: "text like \"some avg10=0.00 avg60=0.00 avg300=0.00 total=0\"",
          found: line
        )
      }
    }
  }

  private static func total(_ line: UnsafeRawBufferPointer) -> UInt64? {
    var fields = TextFields(line)
    while let field = fields.next() {
      if field.starts(with: "total=") { return field.dropping(6).unsigned }
    }
    return nil
  }
}

/// Share of time in which tasks stalled on a resource, 0...1: `pressure.cpu.some`,
/// `pressure.memory.some`, `pressure.memory.full`, `pressure.io.some`, `pressure.io.full`.
///
/// Computed from the total counter and therefore exact over the interval; the kernel's averages
/// are already smoothed. CPU pressure has no meaningful `full` for a whole host.
final class PressureCollector: Collector {
  static let word = "pressure"
  static let leastDeviations = [LeastDeviation("pressure.*", 0.05)]

  private struct Resource {
    let source: ProcfsSource<PressureTotals>
    var some: CounterRate
    var full: CounterRate?
  }

  private let directory: String
  private var resources: [Resource]
  private var reportedAbsence = false

  init(_ host: CollectorHost) {
    let root = host.root
    func share(_ name: String) -> CounterRate {
      CounterRate(CounterMetric(name: "pressure." + name, scale: 1e-6, ceiling: 1))
    }
    directory = ProcfsFile("proc/pressure", below: root).path
    resources = ["cpu", "memory", "io"].map { name in
      let file = ProcfsFile("proc/pressure/" + name, below: root, .optional)
      return Resource(
        source: ProcfsSource(file, PressureTotals()),
        some: share(name + ".some"),
        full: name == "cpu" ? nil : share(name + ".full")
      )
    }
  }

  func collect(_ tick: ProcfsTick) {
    for index in resources.indices {
      if let totals = resources[index].source.reading(tick) {
        resources[index].some.update(totals.some, tick)
        resources[index].full?.update(totals.full, tick)
      } else if resources[index].source.isAbsent, !reportedAbsence {
        reportedAbsence = true
        tick.notify(
          .info,
          "\(directory): this kernel has no pressure stall information (CONFIG_PSI, on some with "
            + "psi=1); pressure.* is not available"
        )
      }
    }
  }
}
