package import Calendar
package import Series

/// All silences, configured ones and those added over the control socket.
package final class SilenceBook {
  /// Maximum number of silences added at runtime, including ended ones.
  package static let maximumCalled = 256
  /// How long an ended one is kept, for `silence list` and for samples that arrive late.
  private static let remembrance = Duration.seconds(86_400)

  /// Those of the configuration.
  package private(set) var configured: [Silence] = []
  /// The added ones, in order.
  package private(set) var called: [Silence] = []
  /// The number of the next one to be added.
  package private(set) var nextNumber = 1

  private var local: TimeZoneRules
  /// The period of each silence when it was last looked up: samples mostly arrive in chronological
  /// order.
  private var periods: [Silence.Period?] = []

  /// A book without silences.
  /// - Parameter local: local time, for expressions without a zone.
  package init(local: TimeZoneRules) {
    self.local = local
  }

  /// All, those of the configuration first.
  package var all: [Silence] { configured + called }

  /// Switches to another configuration, possibly in another time zone.
  package func configure(_ silences: [Silence], local: TimeZoneRules) {
    configured = silences
    self.local = local
    periods = []
  }

  /// Restores the added ones.
  package func restore(_ silences: [Silence], nextNumber: Int) {
    called = Array(silences.prefix(SilenceBook.maximumCalled))
    self.nextNumber = nextNumber
    periods = []
  }

  /// Adds one under the next number; if there is no room, it replaces the one that ended first.
  /// - Returns: the silence; nil if there is no room and none has ended.
  package func add(_ silence: Silence, now: Timestamp) -> Silence? {
    forgetEnded(before: now.advanced(by: .zero - SilenceBook.remembrance))
    if called.count >= SilenceBook.maximumCalled {
      let ended = called.filter { $0.once.until <= now }
      guard let first = ended.min(by: { $0.once.until < $1.once.until }) else { return nil }
      called.removeAll { $0.id == first.id }
    }
    var silence = silence
    silence.id = String(nextNumber)
    nextNumber += 1
    called.append(silence)
    periods = []
    return silence
  }

  /// Ends an added one at `now`, or removes it if it has not begun.
  /// - Returns: its previous state; nil if there is none, or if it has ended.
  package func remove(_ id: String, now: Timestamp) -> Silence? {
    guard let index = called.firstIndex(where: { $0.id == id && $0.once.until > now }) else {
      return nil
    }
    let silence = called[index]
    if silence.once.from >= now {
      called.remove(at: index)
    } else {
      called[index].times = .once(from: silence.once.from, until: now)
    }
    periods = []
    return silence
  }

  /// Removes the added ones that ended before a moment.
  private func forgetEnded(before moment: Timestamp) {
    called.removeAll { $0.once.until < moment }
    periods = []
  }

  // MARK: Coverage

  /// The silences in force for a metric around a given time.
  package struct Coverage: Equatable, Sendable {
    /// The ``Silence/id`` of the silence that mutes events; nil: none.
    package var alarms: String?
    /// The one that keeps detectors from learning; nil: none.
    package var learning: String?
    /// The interval in which this is certain.
    package var from = Timestamp.earliest
    package var until = Timestamp.latest
  }

  /// The silences in force for a metric at a given time.
  package func coverage(of metric: MetricName, at moment: Timestamp) -> Coverage {
    var result = Coverage()
    for (index, silence) in all.enumerated() where silence.concerns(metric) {
      let period = period(index, at: moment)
      result.from = max(result.from, period.from)
      result.until = min(result.until, period.until)
      guard period.isActive else { continue }
      if silence.suppressesAlarms, result.alarms == nil { result.alarms = silence.id }
      if silence.suppressesLearning, result.learning == nil { result.learning = silence.id }
    }
    return result
  }

  /// The silences in force at a given time, for one metric or any.
  package func active(at moment: Timestamp, for metric: MetricName? = nil) -> [Silence] {
    all.enumerated().filter { index, silence in
      metric.map(silence.concerns) ?? true && period(index, at: moment).isActive
    }.map(\.element)
  }

  /// The period of a silence around a given time, and when the silence ends if it is active.
  package func outlook(of silence: Silence, at moment: Timestamp) -> (
    Silence.Period, end: Timestamp?
  ) {
    let period = silence.period(at: moment, local: local)
    return (period, period.isActive ? silence.end(of: period, local: local) : nil)
  }

  private func period(_ index: Int, at moment: Timestamp) -> Silence.Period {
    if periods.isEmpty { periods = Array(repeating: nil, count: configured.count + called.count) }
    if let known = periods[index], known.contains(moment) { return known }
    let silence = index < configured.count ? configured[index] : called[index - configured.count]
    let period = silence.period(at: moment, local: local)
    periods[index] = period
    return period
  }
}

extension Silence {
  /// When an added one is in force.
  fileprivate var once: (from: Timestamp, until: Timestamp) {
    guard case .once(let from, let until) = times else { return (.earliest, .earliest) }
    return (from, until)
  }
}
