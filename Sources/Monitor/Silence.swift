package import Calendar
package import Series

/// A mute window: times in which events of some metrics are muted, or nothing is learnt from them.
package struct Silence: Equatable, Sendable {
  /// Where a silence comes from.
  package enum Origin: Equatable, Sendable {
    /// A section `[Silence NAME]`.
    case configuration
    /// A call of this user at that time.
    case call(user: UInt32, at: Timestamp)
  }

  /// When it holds.
  package enum Times: Equatable, Sendable {
    /// For so long from each moment that one of the expressions names.
    case recurring([CalendarExpression], for: Duration)
    /// Once, from a moment up to another, which is not part of it.
    case once(from: Timestamp, until: Timestamp)
  }

  /// A time in which it holds all along, or all along does not.
  package struct Period: Equatable {
    package var isActive: Bool
    /// Its first moment.
    package var from: Timestamp
    /// The first moment after it.
    package var until: Timestamp

    package func contains(_ moment: Timestamp) -> Bool { from <= moment && moment < until }
  }

  /// The name of its section, or a number.
  package var id: String
  /// Where it comes from.
  package var origin: Origin
  /// Patterns over names; empty for all.
  package var metrics: [Glob]
  /// When it holds.
  package var times: Times
  /// Whether events that open in it are muted.
  package var suppressesAlarms: Bool
  /// Whether detectors forget what they learn in it.
  package var suppressesLearning: Bool
  /// What for, in words.
  package var reason: String

  /// A silence of these facts.
  package init(
    id: String, origin: Origin, metrics: [Glob], times: Times, suppressesAlarms: Bool,
    suppressesLearning: Bool, reason: String
  ) {
    self.id = id
    self.origin = origin
    self.metrics = metrics
    self.times = times
    self.suppressesAlarms = suppressesAlarms
    self.suppressesLearning = suppressesLearning
    self.reason = reason
  }

  /// Whether it is about a metric.
  package func concerns(_ metric: MetricName) -> Bool {
    metrics.isEmpty || metrics.contains { $0.matches(metric.text) }
  }

  /// The period that a moment lies in. Where it begins anew before it has ended, the period of a
  /// moment before that ends where the old one would, and the next one is as active.
  package func period(at moment: Timestamp, local: TimeZoneRules) -> Period {
    switch times {
    case .once(let from, let until):
      if moment < from { return Period(isActive: false, from: .earliest, until: from) }
      if moment < until { return Period(isActive: true, from: from, until: until) }
      return Period(isActive: false, from: until, until: .latest)
    case .recurring(let expressions, let duration):
      let begun = expressions.compactMap { $0.last(notAfter: moment, local: local) }.max()
      let end = begun?.advanced(by: duration)
      if let begun, let end, moment < end { return Period(isActive: true, from: begun, until: end) }
      let next = expressions.compactMap { $0.next(after: moment, local: local) }.min()
      return Period(isActive: false, from: end ?? .earliest, until: next ?? .latest)
    }
  }

  /// When it ends that holds at `moment`, however often it begins anew before; nil if that is
  /// more than ``farthest`` away.
  package func end(of period: Period, local: TimeZoneRules) -> Timestamp? {
    var last = period
    let limit = period.until.advanced(by: Silence.farthest)
    for _ in 0..<Silence.mostRenewals where last.until < limit {
      let next = self.period(at: last.until, local: local)
      if !next.isActive { return last.until }
      last = next
    }
    return nil
  }

  /// How far into the future the end of one that restarts continually is searched.
  package static let farthest = Duration.seconds(400 * 86_400)
  private static let mostRenewals = 10_000
}

extension Timestamp {
  package static let earliest = Timestamp(nanoseconds: .min)
  package static let latest = Timestamp(nanoseconds: .max)
}
