/// The contents of /proc/loadavg. `man 5 proc_loadavg`.
package struct LoadAverages: ProcfsReading, Equatable {
  /// Tasks running or waiting for I/O, averaged over about a minute.
  package var oneMinute: Double?
  /// The same over about five minutes.
  package var fiveMinutes: Double?
  /// The same over about fifteen minutes.
  package var fifteenMinutes: Double?
  /// Number of existing processes and threads.
  package var tasks: UInt64?

  package init() {}

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    self = LoadAverages()
    var lines = TextLines(bytes)
    guard let line = lines.next(&complaints) else { return }
    var fields = TextFields(line)
    let averages = (fields.next()?.decimal, fields.next()?.decimal, fields.next()?.decimal)
    guard let one = averages.0, let five = averages.1, let fifteen = averages.2,
      let counts = fields.next(), let slash = counts.firstIndex(of: 0x2F),
      let existing = counts.dropping(slash + 1).unsigned
    else {
      complaints.malformed(
        line: lines.number,
        expected: "text like \"0.20 0.18 0.12 1/80 11206\"",
        found: line
      )
      return
    }
    (oneMinute, fiveMinutes, fifteenMinutes) = (one, five, fifteen)
    tasks = existing
  }
}

/// Load averages: `load.1m`, `load.5m`, `load.15m`.
final class LoadCollector: Collector {
  static let word = "load"
  static let leastDeviations = [LeastDeviation("load.*", 1)]

  private let source: ProcfsSource<LoadAverages>
  private var oneMinute = MetricSlot("load.1m")
  private var fiveMinutes = MetricSlot("load.5m")
  private var fifteenMinutes = MetricSlot("load.15m")

  init(_ host: CollectorHost) {
    source = host.loadavg
  }

  func collect(_ tick: ProcfsTick) {
    guard let load = source.reading(tick) else { return }
    if let value = load.oneMinute { tick.deliver(value, to: &oneMinute) }
    if let value = load.fiveMinutes { tick.deliver(value, to: &fiveMinutes) }
    if let value = load.fifteenMinutes { tick.deliver(value, to: &fifteenMinutes) }
  }
}
