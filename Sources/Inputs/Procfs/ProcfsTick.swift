internal import Series

/// The context of one poll: its time, the sink for samples, and the counters.
///
/// One object serves all polls, so that a poll allocates nothing.
final class ProcfsTick {
  /// The maximum number of notices waiting for the daemon.
  private static let noticeLimit = 64

  /// How many polls to wait before trying a full registry again: five minutes by default.
  private static let patience = 60

  /// The number of polls, including this one.
  private(set) var number = 0
  /// The monotonic clock at this poll: all rates are computed from its differences.
  private(set) var instant: Duration = .zero
  /// The longest time over which a rate is computed; see ``RateWindow``.
  let longestWindow: Duration
  /// The buffer that files are read into.
  let buffer = ReadBuffer()
  private(set) var health = InputHealth()

  private var now = Timestamp(nanoseconds: 0)
  private var sink: (any SampleSink)?
  private var notices: [Notice] = []

  init(longestWindow: Duration) {
    self.longestWindow = longestWindow
  }

  func begin(now: Timestamp, instant: Duration, sink: any SampleSink) {
    number += 1
    self.now = now
    self.instant = instant
    self.sink = sink
  }

  func end() {
    sink = nil
  }

  /// Delivers one value of a metric; a value that is not finite is a gap.
  func deliver(_ value: Double, to channel: inout MetricSlot) {
    guard let sink, let id = channel.metric(in: sink, poll: number, patience: ProcfsTick.patience)
    else {
      health.refused += 1
      return
    }
    sink.receive(Sample(timestamp: now, value: value), of: id)
    health.samples += 1
    if !value.isFinite { health.gaps += 1 }
    health.lastSampleAt = now
  }

  /// Delivers the limits of the device behind a metric that has been delivered before.
  func deliver(_ limits: HardwareLimits, of channel: MetricSlot) {
    if let id = channel.id { sink?.receive(limits, of: id) }
  }

  /// Delivers a count that the kernel keeps as a signed number and prints as an unsigned one: if it
  /// has dropped below zero, or exceeds the possible maximum, the sample is a gap.
  /// - Parameters:
  ///   - scale: one unit of the file in the metric's unit.
  ///   - most: the largest possible count.
  func deliver(
    count: UInt64, scale: Double = 1, atMost most: UInt64 = UInt64(Int64.max),
    to channel: inout MetricSlot
  ) {
    deliver(count <= most ? Double(count) * scale : .nan, to: &channel)
  }

  /// Counts a fault, and reports it if it is new.
  func record(_ fault: ProcfsFault, count: Int, isNew: Bool) {
    health.malformed += count
    health.lastErrorAt = now
    let text = fault.description
    health.lastError = text
    if isNew { notify(.warning, text) }
  }

  /// Adds a notice for the user.
  func notify(_ severity: Notice.Severity, _ text: String) {
    guard notices.count < ProcfsTick.noticeLimit else { return }
    notices.append(Notice(severity, text))
  }

  func drainNotices() -> [Notice] {
    defer { notices.removeAll() }
    return notices
  }
}
