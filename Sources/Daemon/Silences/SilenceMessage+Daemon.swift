import Calendar
import Control
import Detection
import Events
import Monitor
import Series

extension Daemon {
  /// All silences as messages.
  func silenceMessages() -> [SilenceMessage] {
    let now = options.clock()
    return silences.all.map { message(of: $0, now: now) }
  }

  /// The active ones, for one metric or any.
  func activeSilences(for metric: MetricName? = nil) -> [SilenceMessage] {
    let now = options.clock()
    return silences.active(at: now, for: metric).map { message(of: $0, now: now) }
  }

  func message(of silence: Silence, now: Timestamp) -> SilenceMessage {
    let (period, end) = silences.outlook(of: silence, at: now)
    var message = SilenceMessage(
      id: silence.id,
      state: period.isActive ? .active : period.until == .latest ? .ended : .waiting,
      metrics: silence.metrics.map(\.text),
      suppressesAlarms: silence.suppressesAlarms,
      suppressesLearning: silence.suppressesLearning,
      reason: silence.reason,
      schedule: [],
      from: nil,
      until: nil,
      user: nil,
      added: nil,
      heldEvents: monitor.eventCount(mutedBy: silence.id)
    )
    if case .call(let user, let moment) = silence.origin {
      message.user = Int(user)
      message.added = Moment(moment)
    }
    switch silence.times {
    case .once(let from, let until):
      message.from = Moment(from)
      message.until = Moment(until)
    case .recurring(let expressions, let duration):
      message.schedule = expressions.map(\.description)
      if period.isActive {
        message.from = Moment(period.from)
        message.until = end.map { Moment($0) }
      } else if period.until != .latest {
        message.from = Moment(period.until)
        message.until = Moment(period.until.advanced(by: duration))
      }
    }
    return message
  }
}
