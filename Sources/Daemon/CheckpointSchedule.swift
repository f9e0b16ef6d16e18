import Config

/// How often the state is saved while the daemon runs.
///
/// `CheckpointInterval=` is the interval, `CheckpointBytesPerHour=` the maximum volume: if
/// checkpoints of the size of the last one would exceed it, the interval is lengthened until they
/// do not. The one on shutdown is always written.
public struct CheckpointSchedule: Equatable, Sendable {
  /// `CheckpointInterval=`; nil: only on shutdown.
  public var interval: Duration?
  /// `CheckpointBytesPerHour=`, > 0.
  public var bytesPerHour: Int

  /// A schedule.
  public init(interval: Duration?, bytesPerHour: Int) {
    precondition(bytesPerHour > 0, "checkpoints need at least one byte per hour")
    self.interval = interval
    self.bytesPerHour = bytesPerHour
  }

  /// The time from a checkpoint of `bytes` bytes to the next; nil: none before shutdown.
  public func pause(afterBytes bytes: Int) -> Duration? {
    guard let interval else { return nil }
    return max(interval, .seconds(Double(bytes) / Double(bytesPerHour) * 3600))
  }

  /// The configured schedule.
  init(_ agent: AgentSection) {
    self.init(interval: agent.checkpointInterval, bytesPerHour: agent.checkpointBytesPerHour)
  }
}
