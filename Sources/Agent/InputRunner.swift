import CSystemd
import Inputs
import Series
import Settings

/// One input on the loop: its timer, what it watches, and the work that is put off when a
/// poll leaves some.
final class InputRunner {
  let settings: Settings.Input
  let input: any Input
  /// Where its samples go.
  let sink: InputSink
  /// When it last delivered something, by the agent's clock.
  private(set) var delivered: Timestamp?

  private var timer: TimerSource?
  private var more: DeferredSource?
  private var ready: DescriptorSource?
  private var readiness: InputReadiness?
  private let loop: EventLoop
  private let poll: (InputRunner) -> Void

  /// An input that polls from its first turn of the loop on.
  /// - Parameter poll: polls this input.
  init(
    _ settings: Settings.Input,
    input: any Input,
    sink: InputSink,
    on loop: EventLoop,
    poll: @escaping (InputRunner) -> Void
  ) throws(EventLoopError) {
    self.loop = loop
    self.poll = poll
    self.settings = settings
    self.input = input
    self.sink = sink
    timer = try loop.timer { [unowned self] in
      tick()
      poll(self)
    }
    more = try loop.deferred { [unowned self] in poll(self) }
  }

  /// Begins: polls at once, and then at each tick.
  func start() throws(EventLoopError) {
    try more?.request()
    tick()
  }

  /// Reads what is there; asks for another turn when more is left.
  func poll(now: Timestamp, into pipeline: Pipeline) {
    let before = input.health.samples
    let outcome = pipeline.batch { input.poll(now: now, into: sink) }
    if input.health.samples > before { delivered = now }
    // Asking for a turn fails only for a source that does not exist: then the next tick does.
    if outcome == .moreReady { try? more?.request() }
    watchReadiness()
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

  /// Whether the newest error is older than the newest delivery.
  var isHealthy: Bool {
    guard let error = input.health.lastErrorAt else { return true }
    return delivered.map { $0 >= error } ?? false
  }

  private func tick() {
    try? timer?.fire(at: MonotonicTime.now.nextTick(every: settings.interval))
  }
}
