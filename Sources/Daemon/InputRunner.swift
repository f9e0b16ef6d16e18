import CSystemd
import Config
import Control
import Inputs
import Monitor
import Series
import System

/// One input in the loop: its timer, the descriptor it watches, and work left over from a poll.
final class InputRunner {
  let settings: Settings.Component
  /// Its keys.
  let section: any InputSection
  let input: any Input
  /// Where its samples go.
  let sink: InputSink
  /// When it last delivered something.
  private(set) var delivered: ObservedMoment?
  /// When its latest error was noticed.
  private var erred: MonotonicTime?
  /// Whether it has been polled for the first time.
  private(set) var hasBegun = false

  private var isPostponed = false
  private var timer: TimerSource?
  private var more: DeferredSource?
  private var ready: DescriptorSource?
  private var readiness: InputReadiness?
  private let loop: EventLoop
  private let onDue: (InputRunner) -> Void

  /// The input of a section, first polled after ``begin()``.
  /// - Parameter onDue: reads this input, see ``read(at:)``.
  init(
    _ settings: Settings.Component,
    sink: InputSink,
    on loop: EventLoop,
    onDue: @escaping (InputRunner) -> Void
  ) throws(EventLoopError) {
    self.loop = loop
    self.onDue = onDue
    self.settings = settings
    section = settings.input
    input = section.make(name: settings.name)
    self.sink = sink
    timer = try loop.timer { [unowned self] in
      tick()
      onDue(self)
    }
    more = try loop.deferred { [unowned self] in onDue(self) }
  }

  /// Due immediately, and from now on at each tick.
  func begin() {
    hasBegun = true
    tick()
    onDue(self)
  }

  /// Reads what is available; schedules another iteration if more is left.
  /// - Returns: whether there was anything.
  func read(at now: Timestamp) -> Bool {
    let before = input.health
    let outcome = input.poll(now: now, into: sink)
    let after = input.health
    let hasDelivered = after.samples > before.samples
    // In this order: an input that delivers in spite of an error is degraded.
    if after.lastErrorAt != before.lastErrorAt { erred = .now }
    if hasDelivered { delivered = ObservedMoment(now) }
    // Scheduling fails only for a nonexistent source; then the next tick continues.
    if outcome == .moreReady { try? more?.request() }
    watchReadiness()
    return hasDelivered
  }

  /// Postpones polls until ``resume()``.
  func postpone() {
    isPostponed = true
    // A ready descriptor would wake the loop again and again.
    (ready, readiness) = (nil, nil)
  }

  /// Continues after ``postpone()``.
  func resume() {
    guard isPostponed else { return }
    isPostponed = false
    try? more?.request()
  }

  /// Watches the input's present descriptor.
  private func watchReadiness() {
    guard input.readiness != readiness else { return }
    ready = nil
    readiness = input.readiness
    guard let readiness else { return }
    // If it cannot be watched, the input is polled at its ticks only.
    ready = try? loop.onReady(readiness.descriptor, events: EPOLLIN.rawValue) { [unowned self] _ in
      onDue(self)
    }
  }

  /// How long an error counts if no other follows.
  private static let errorCounts = Duration.seconds(300)

  /// Its present state.
  func state(isStalled: Bool) -> InputState {
    if isStalled { return .silent }
    guard let erred else { return .ok }
    guard let delivered, delivered.monotonic >= erred else { return .failing }
    let patience = max(InputRunner.errorCounts, section.interval * 3)
    return MonotonicTime.now.elapsed(since: erred) < patience ? .degraded : .ok
  }

  private func tick() {
    try? timer?.fire(at: MonotonicTime.now.nextTick(every: section.interval))
  }
}
