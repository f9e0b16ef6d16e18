internal import Series

/// One poll: its moment, where samples go, and what is counted.
///
/// One object serves all polls, so that a poll allocates nothing.
final class ProcfsTick {
  /// The most notices that wait for the agent.
  private static let noticeLimit = 64

  /// How many polls there were, this one included.
  private(set) var number = 0
  /// The monotonic clock at this poll: all rates are over its differences.
  private(set) var instant: Duration = .zero
  /// The longest time over which a rate is taken; see ``RateWindow``.
  let longestWindow: Duration
  /// Where files are read to.
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

  /// Hands over one value of a metric; one that is not finite is a gap.
  func deliver(_ value: Double, to channel: inout Channel) {
    guard let sink, let id = channel.resolve(in: sink, poll: number) else {
      health.refused += 1
      return
    }
    sink.receive(Sample(timestamp: now, value: value), of: id)
    health.samples += 1
    if !value.isFinite { health.gaps += 1 }
    health.lastSampleAt = now
  }

  /// Delivers a count that the kernel keeps as a signed number and prints as an unsigned one:
  /// where it has dropped below zero, or exceeds what can exist, the sample is a gap.
  /// - Parameters:
  ///   - scale: what one of the file is in the metric's unit.
  ///   - most: the largest count that can exist.
  func deliver(
    count: UInt64, scale: Double = 1, atMost most: UInt64 = UInt64(Int64.max),
    to channel: inout Channel
  ) {
    deliver(count <= most ? Double(count) * scale : .nan, to: &channel)
  }

  /// Counts a fault, and tells of it if it is news.
  func record(_ fault: ProcfsFault, count: Int, isNews: Bool) {
    health.malformed += count
    health.lastErrorAt = now
    let text = fault.description
    health.lastError = text
    if isNews { tell(.warning, text) }
  }

  /// Says something to a person.
  func tell(_ severity: Notice.Severity, _ text: String) {
    guard notices.count < ProcfsTick.noticeLimit else { return }
    notices.append(Notice(severity, text))
  }

  func drainNotices() -> [Notice] {
    defer { notices.removeAll() }
    return notices
  }
}
