import Config
import Detection
import Outputs
import Series
import Store
import System

/// One output, its configuration section, and how far it has delivered.
final class OutputSlot {
  /// Nil for an output without a section, such as the terminal in the foreground.
  let settings: Settings.Component?
  let output: any Output
  /// The number of the last step that it has delivered, in the order of the history.
  private(set) var delivered: UInt64

  /// When it got its last heartbeat, or the initial state before the first.
  private var pulse: Pulse

  private enum Pulse {
    case none(since: Timestamp)
    case last(Timestamp)
  }

  /// Maximum wait for the first heartbeat: a daemon that keeps crashing sends none.
  private static let longestFirstPause = Duration.seconds(60)

  /// The numbers of steps passed to it and not delivered yet, oldest first.
  private var given: [UInt64] = []

  /// An output that has delivered all steps up to one.
  /// - Parameter now: the time of day from which heartbeats are due.
  init(
    settings: Settings.Component?, output: any Output, delivered: UInt64 = 0, now: Timestamp
  ) {
    pulse = .none(since: now)
    self.settings = settings
    self.output = output
    self.delivered = delivered
  }

  /// Whether events are passed to it, not only incidents.
  private var takesMembers: Bool { settings?.output.members ?? false }

  /// The state of delivery when it was last read, and when that was.
  private var lastDelivery: (read: MonotonicTime, OutboxDelivery?)?

  /// The delivery state of another program, reread from disk if the cached one is too old.
  func delivery(atMostOld age: Duration = .zero) -> OutboxDelivery? {
    if let lastDelivery {
      // A directory with thousands of messages takes milliseconds to read.
      let age = lastDelivery.1?.waiting ?? 0 > 1_000 ? age * 6 : age
      if MonotonicTime.now.elapsed(since: lastDelivery.read) < age { return lastDelivery.1 }
    }
    let delivery = output.delivery
    lastDelivery = (.now, delivery)
    return delivery
  }

  /// `Type=`.
  var typeName: String { settings?.typeName ?? "terminal" }

  /// Passes on a step, unless this output is not to be notified of it.
  /// - Returns: whether it was passed on.
  @discardableResult
  func emit(_ entry: RecordedEntry) -> Bool {
    switch entry {
    case .incident(let step): output.emit(step.transition)
    case .event(let step):
      guard takesMembers, step.silence == nil else {
        if given.isEmpty { delivered = entry.sequence }
        return false
      }
      output.emit(step.transition)
    }
    given.append(entry.sequence)
    settle()
    return true
  }

  /// Sends a heartbeat if one is due (`Heartbeat=`).
  func beat(at now: Timestamp, metrics: Int, incidents: Int) {
    guard let interval = settings?.output.heartbeat else { return }
    let (start, pause) =
      switch pulse {
      case .none(let since): (since, min(interval, OutputSlot.longestFirstPause))
      case .last(let moment): (moment, interval)
      }
    // A clock that was set back must not delay it.
    guard now < start || now.elapsed(since: start) >= pause else { return }
    pulse = .last(now)
    output.beat(
      Heartbeat(at: now, interval: interval, metrics: metrics, incidents: incidents))
  }

  /// Retries delivery of waiting steps.
  func flush() {
    output.flush()
    settle()
  }

  /// Marks all steps up to one as delivered.
  func begin(after sequence: UInt64) { delivered = sequence }

  /// Outputs deliver in order: a step that is not waiting has been delivered, or dropped and
  /// counted.
  private func settle() {
    let done = given.count - output.unsaved
    guard done > 0 else { return }
    delivered = given[done - 1]
    given.removeFirst(done)
  }
}
