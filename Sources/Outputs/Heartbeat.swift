import Config
import Outbox
public import Series

/// A periodic sign of life that the daemon sends to an output, whether or not anything happens: see
/// `Heartbeat=`. It is not an event: it is not recorded, counted or repeated.
public struct Heartbeat: Equatable, Sendable {
  /// When it is given.
  public var at: Timestamp
  /// The time until the next one.
  public var interval: Duration
  /// Number of monitored metrics.
  public var metrics: Int
  /// Number of open incidents.
  public var incidents: Int

  /// A sign of life.
  public init(at: Timestamp, interval: Duration, metrics: Int, incidents: Int) {
    self.at = at
    self.interval = interval
    self.metrics = metrics
    self.incidents = incidents
  }

  /// One line without a full stop.
  public var sentence: String {
    "anomalyd is alive: \(counted(metrics, "metric")), \(counted(incidents, "open incident"))"
  }

  /// Its only JSON form: a line of a file output, and the body sent to endpoints.
  public var json: String {
    """
    {"at":"\(at.iso8601)","incidents":\(incidents),"interval_seconds":\(interval / .seconds(1)),\
    "kind":"heartbeat","metrics":\(metrics)}
    """
  }

  /// The message about it in an outbox.
  var outboxEntry: OutboxEntry { .heartbeat(at: at) }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(HumanNumber.count(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}

extension OutputSection {
  /// `Heartbeat=`.
  /// - Parameter what: how the output sends it, one or more sentences.
  static func heartbeatKey(
    _ path: any WritableKeyPath<Self, Duration?> & Sendable, _ what: String
  ) -> Key<Self> {
    Key(
      "Heartbeat", path,
      .timeSpanOrInfinity(.seconds(1) ... .seconds(7 * 86_400)),
      "Interval at which the output gets a heartbeat, regardless of events, so that a monitor can "
        + "notice when they stop. \(what) The first one is sent a minute after startup, or after "
        + "the interval if that is shorter; none are sent while the daemon hangs or all of its "
        + "inputs are stalled. infinity: never.",
      example: "5min")
  }
}
