/// How often the state is saved while the daemon runs.
///
/// `CheckpointInterval=` says how often, `CheckpointBytesPerHour=` how much at most: where
/// checkpoints of the size of the last one would exceed that, the time between them is lengthened
/// until they do not. The one at the end of the daemon is always written.
public struct CheckpointSchedule: Equatable, Sendable {
  /// `CheckpointInterval=`; nil: only at the end.
  public var interval: Duration?
  /// `CheckpointBytesPerHour=`, > 0.
  public var bytesPerHour: Int

  /// A schedule.
  public init(interval: Duration?, bytesPerHour: Int) {
    precondition(bytesPerHour > 0, "checkpoints need room for at least one byte an hour")
    self.interval = interval
    self.bytesPerHour = bytesPerHour
  }

  /// The time from a checkpoint of `bytes` bytes to the next; nil: none before the end.
  public func pause(afterBytes bytes: Int) -> Duration? {
    guard let interval else { return nil }
    return max(interval, .seconds(Double(bytes) / Double(bytesPerHour) * 3600))
  }
}
