import CSystemd
import Config
import Control
import Inputs
import Monitor
import Series
import System

/// One input on the loop: its timer, what it watches, and the work that is put off when a
/// poll leaves some.
final class InputRunner {
  let settings: Settings.Component
  /// Its keys.
  let section: any InputSection
  let input: any Input
  /// Where its samples go.
  let sink: InputSink
  /// When it last delivered something, by the agent's clock.
  private(set) var delivered: Timestamp?
  /// Whether it still speaks.
  var silence: InputStall
  /// Whether it has been polled for the first time.
  private(set) var hasBegun = false

  private var isPostponed = false
  private var timer: TimerSource?
  private var more: DeferredSource?
  private var ready: DescriptorSource?
  private var readiness: InputReadiness?
  private let loop: EventLoop
  private let poll: (InputRunner) -> Void

  /// The input of a section, which polls from ``begin()`` on.
  /// - Parameter poll: polls this input.
  init(
    _ settings: Settings.Component,
    sink: InputSink,
    silence: InputStall,
    on loop: EventLoop,
    poll: @escaping (InputRunner) -> Void
  ) throws(EventLoopError) {
    self.loop = loop
    self.poll = poll
    self.settings = settings
    section = settings.input
    input = section.make(name: settings.name)
    self.sink = sink
    self.silence = silence
    timer = try loop.timer { [unowned self] in
      tick()
      poll(self)
    }
    more = try loop.deferred { [unowned self] in poll(self) }
  }

  /// Polls at once, and from now on at each tick.
  func begin() {
    hasBegun = true
    tick()
    poll(self)
  }

  /// Reads what is there; asks for another turn when more is left.
  /// - Returns: whether there was anything.
  func poll(now: Timestamp, into pipeline: HostMonitor) -> Bool {
    let before = input.health.samples
    let outcome = pipeline.batch { input.poll(now: now, into: sink) }
    let hasDelivered = input.health.samples > before
    if hasDelivered { delivered = now }
    // Asking for a turn fails only for a source that does not exist: then the next tick does.
    if outcome == .moreReady { try? more?.request() }
    watchReadiness()
    return hasDelivered
  }

  /// Puts polls off until ``resume()``.
  func postpone() {
    isPostponed = true
    // What is ready would wake the loop again and again.
    (ready, readiness) = (nil, nil)
  }

  /// Goes on after ``postpone()``.
  func resume() {
    guard isPostponed else { return }
    isPostponed = false
    try? more?.request()
  }

  /// Watches what the input wants watched now.
  private func watchReadiness() {
    guard input.readiness != readiness else { return }
    ready = nil
    readiness = input.readiness
    guard let readiness else { return }
    // Where it cannot be watched, the input is polled at its ticks alone.
    ready = try? loop.onReady(readiness.descriptor, events: EPOLLIN.rawValue) { [unowned self] _ in
      poll(self)
    }
  }

  /// For how long an error counts, if all is well otherwise.
  private static let errorCounts = Duration.seconds(300)

  /// How it is at `now`, by the agent's clock.
  func state(now: Timestamp) -> InputState {
    if silence.openEvent != nil { return .silent }
    guard let error = input.health.lastErrorAt else { return .ok }
    guard let delivered, delivered >= error else { return .failing }
    // A clock that was set back must not make an error last.
    let age = now.elapsed(since: error)
    let patience = max(InputRunner.errorCounts, section.interval * 3)
    return age >= .zero && age < patience ? .degraded : .ok
  }

  private func tick() {
    try? timer?.fire(at: MonotonicTime.now.nextTick(every: section.interval))
  }
}
