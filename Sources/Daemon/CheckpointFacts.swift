import Series
import System

/// How saving the state goes.
struct CheckpointFacts {
  /// When checkpoints are due.
  var schedule: CheckpointSchedule
  /// When the last one was made, by the agent's clock; nil before the first.
  var lastAt: Timestamp?
  /// Its bytes.
  var bytes = 0
  /// How long it took, from its first byte until it was on the disk.
  var took = Duration.zero
  /// When the next one is due; nil: none planned.
  var next: MonotonicTime?
  /// Why the newest attempt failed; nil if it did not.
  var lastError: String?
}
