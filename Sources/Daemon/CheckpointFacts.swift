import Series
import System

/// State of the checkpoints.
struct CheckpointFacts {
  /// When checkpoints are due.
  var schedule: CheckpointSchedule
  /// When the last one was made; nil before the first.
  var lastAt: ObservedMoment?
  /// Its size in bytes.
  var bytes = 0
  /// How long it took, from its first byte until it was on disk.
  var took = Duration.zero
  /// When the next one is due; nil: none planned.
  var next: MonotonicTime?
  /// Why the last attempt failed; nil if it did not.
  var lastError: String?
}
