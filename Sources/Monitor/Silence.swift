package import Calendar
package import Series

/// A user-defined mute window: times in which events of some metrics are kept from outputs, or in
/// which their detectors do not learn.
package struct Silence: Equatable, Sendable {
  /// Who defined a silence.
  package enum Origin: Equatable, Sendable {
    /// A section `[Silence NAME]`.
    case configuration
    /// A request by this user at that time.
    case call(user: UInt32, at: Timestamp)
  }

  /// When it is in force.
  package enum Times: Equatable, Sendable {
    /// For this long from each time matched by one of the expressions.
    case recurring([CalendarExpression], for: Duration)
    /// Once, from one time until just before another.
    case once(from: Timestamp, until: Timestamp)
  }

  /// An interval in which it is either in force throughout or not at all.
  package struct Period: Equatable {
    package var isActive: Bool
    /// Its beginning.
    package var from: Timestamp
    /// Its end, exclusive.
    package var until: Timestamp

    package func contains(_ moment: Timestamp) -> Bool { from <= moment && moment < until }
  }

  /// The name of its section, or a number.
  package var id: String
  /// Who defined it.
  package var origin: Origin
  /// Patterns of metric names; empty for all.
  package var metrics: [Glob]
  /// When it is in force.
  package var times: Times
  /// Whether events that open in it are muted.
  package var suppressesAlarms: Bool
  /// Whether learning during it is undone.
  package var suppressesLearning: Bool
  /// Why, in words.
  package var reason: String

  /// A silence with these properties.
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

  /// Whether it applies to a metric.
  package func concerns(_ metric: MetricName) -> Bool {
    metrics.isEmpty || metrics.contains { $0.matches(metric.text) }
  }

  /// The period that contains a given time. If the silence begins again before it has ended, the
  /// period ends where the earlier one would, and the next one is active as well.
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

  /// When an active silence ends, however often it begins again before that; nil if that is more
  /// than ``farthest`` away.
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

  /// How far ahead to search for the end of a silence that keeps beginning again.
  private static let farthest = Duration.seconds(400 * 86_400)
  private static let mostRenewals = 10_000
}

extension Timestamp {
  package static let earliest = Timestamp(nanoseconds: .min)
  package static let latest = Timestamp(nanoseconds: .max)
}
