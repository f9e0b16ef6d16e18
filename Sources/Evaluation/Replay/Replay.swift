public import Monitor
import Series

/// Runs the daemon's own ``HostMonitor`` over recordings of one host: reproduces its decisions to
/// the bit, with the same budget, incidents, silences and rules.
///
/// Both clocks of the monitor follow the recordings: a silence covers samples measured during it,
/// and an event that outlasts its silence is notified when the silence ends. Effects of the
/// daemon's own run time are left out: recordings do not show when an input stalled, and a hole in
/// them does not remove a metric, since the daemon may not have been running.
public struct Replay: ~Copyable {
  /// The monitor that the recordings run through.
  public let monitor: HostMonitor
  /// Its decisions so far.
  public private(set) var outcome = ReplayOutcome()
  /// The steps that resulted from the newest row.
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
    // By index, since two recordings may have the same name.
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
    // The time of a recording may run backwards; the clock does not.
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
