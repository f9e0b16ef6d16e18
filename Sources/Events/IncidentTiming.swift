/// When the steps of an incident are due, in event time, so that a replay has the same steps.
public struct IncidentTiming: Equatable, Sendable {
  /// The longest settling time, however rarely the first metric is sampled.
  public static let longestSettling = Duration.seconds(300)
  /// Minimum time between the latest step and one that only reports another subsystem.
  static let leastPause = Duration.seconds(60)

  /// How long an incident gathers events before outputs are notified of it, and of each change; at
  /// least three intervals of its first metric.
  public var settling: Duration
  /// How long an incident waits for further events after the close of its last one.
  public var joiningGap: Duration

  /// This timing.
  public init(settling: Duration = .seconds(10), joiningGap: Duration = .seconds(300)) {
    self.settling = settling
    self.joiningGap = joiningGap
  }

  /// The settling time of an incident that begins on a metric with this interval.
  func settling(interval: Duration?) -> Duration {
    // A settling time of 0 means immediately.
    guard settling > .zero, let interval else { return settling }
    return max(settling, min(interval * 3, IncidentTiming.longestSettling))
  }
}
