import Series

/// The clock's deviation from true time, as known to the kernel from whatever disciplines it:
/// `clock.offset_seconds`, `clock.maximum_error_seconds`, `clock.frequency_ppm`, and
/// `clock.synchronised`, 1 or 0. Read only.
final class ClockCollector: Collector {
  static let word = "clock"
  static let leastDeviations = [
    LeastDeviation("clock.*_seconds", 0.01),
    LeastDeviation("clock.frequency_ppm", 5),
  ]

  private let state: () -> ClockState?
  private var offset = MetricSlot("clock.offset_seconds")
  private var maximumError = MetricSlot("clock.maximum_error_seconds")
  private var frequency = MetricSlot("clock.frequency_ppm")
  private var synchronised = MetricSlot("clock.synchronised")
  private var reportedRefusal = false

  init(_ host: CollectorHost) {
    state = host.calls.clockState
  }

  func collect(_ tick: ProcfsTick) {
    guard let state = state() else {
      if !reportedRefusal {
        reportedRefusal = true
        tick.notify(
          .info,
          "adjtimex(2): expected the state of the clock, found that this process may not read it "
            + "(the unit needs ProtectClock=no); clock.* is not available"
        )
      }
      return
    }
    tick.deliver(state.offsetSeconds, to: &offset)
    tick.deliver(state.maximumErrorSeconds, to: &maximumError)
    tick.deliver(state.frequencyPPM, to: &frequency)
    tick.deliver(state.isSynchronised ? 1 : 0, to: &synchronised)
  }
}
