public import Monitor
import Series

/// Runs the daemon's own ``HostMonitor`` over recordings of one host: what it would have decided, to
/// the bit, with the same budget, incidents, silences and rules.
///
/// Time is that of the recordings, and both clocks of the monitor are: a silence covers what was
/// measured in it, and an event that outlasts its silence is notified when the silence ends. What
/// depends on the life of a daemon is left out: recordings do not show when an input stalled, and a
/// hole in them does not remove a metric, since the daemon may not have been running.
public struct Replay: ~Copyable {
  /// The monitor that the recordings run through.
  public let monitor: HostMonitor
  /// What it decided so far.
  public private(set) var outcome = ReplayOutcome()
  /// The steps that came of the newest row.
  public private(set) var steps: [Step] = []

  private let recordings: [any Recording]
  private let sinks: [InputSink]
  private var merge: RecordingMerge
  private var newest: Timestamp?
  /// The second in which housekeeping was last done.
  private var second = Int64.min

  /// A replay that has not begun.
  /// - Parameters:
  ///   - monitor: a monitor without metrics.
  ///   - recordings: of one host; none may hold a metric of another.
  ///   - alignsStarts: all recordings are shifted to begin when the first one does.
  public init(
    _ recordings: [any Recording], through monitor: HostMonitor, alignsStarts: Bool = false
  ) {
    self.monitor = monitor
    self.recordings = recordings
    // By place, as two recordings may have one name.
    sinks = recordings.indices.map { InputSink(monitor, input: "\($0)") }
    merge = RecordingMerge(recordings, alignsStarts: alignsStarts)
  }

  /// Processes the next row of all recordings.
  /// - Returns: false at the end of all of them.
  public mutating func next() -> Bool {
    guard let (source, moment) = merge.next() else {
      steps = []
      outcome.finish(monitor, conflicts: conflicts, failures: merge.failures)
      return false
    }
    // Time runs backwards where a recording does; the clock does not.
    let now = newest.map { max($0, moment) } ?? moment
    newest = now
    monitor.setTime(now, awake: .zero)
    if now.nanoseconds / 1_000_000_000 > second {
      second = now.nanoseconds / 1_000_000_000
      monitor.keepHouse()
    }
    recordings[source].deliver(at: moment, into: sinks[source])
    outcome.note(moment)
    steps = monitor.takeSteps()
    for step in steps { outcome.take(step) }
    return true
  }

  private var conflicts: [(metric: MetricName, owner: String)?] {
    sinks.map { sink in
      sink.conflict.map { ($0.metric, Int($0.owner).map { recordings[$0].name } ?? $0.owner) }
    }
  }

  /// Processes all rows.
  public mutating func run() {
    while next() {}
  }
}
