import CSystemd
import Monitor
import Series
import Store
import System

/// A checkpoint that is being made in slices, between which the loop iterates: the metrics in
/// order, then everything else from the same instant.
///
/// Saved state must not change until ``isEncoded``; see ``HostMonitor/hold()``.
final class CheckpointPass {
  /// When it began.
  let began = MonotonicTime.now
  /// Its time, by the daemon's clock.
  let moment: Timestamp
  /// Whether all state has been copied.
  private(set) var isEncoded = false

  private let checkpoint: BackgroundCheckpoint
  private let count: Int
  private let rest: [CheckpointRecord]
  private var next = 0
  private var news: DescriptorSource?

  /// Whether it becomes the newest checkpoint.
  var isWhole: Bool { only == nil }
  /// Whether it becomes a snapshot.
  let isSnapshot: Bool
  private let only: Set<MetricName>?

  /// Begins one.
  /// - Parameters:
  ///   - metrics: the number of metrics.
  ///   - only: the metrics in a snapshot; nil: all.
  ///   - rest: the bytes that follow them.
  ///   - onNews: called when ``outcome`` or ``hasRoom`` may have changed.
  init(
    _ checkpoint: BackgroundCheckpoint, in path: String, at moment: Timestamp, metrics: Int,
    only: Set<MetricName>?, isSnapshot: Bool, rest: [CheckpointRecord], on loop: EventLoop,
    onNews: @escaping () -> Void
  ) throws(FileError) {
    self.checkpoint = checkpoint
    self.only = only
    self.isSnapshot = isSnapshot
    self.moment = moment
    count = metrics
    self.rest = rest
    do throws(EventLoopError) {
      news = try loop.onReady(checkpoint.descriptor, events: EPOLLIN.rawValue) { _ in
        checkpoint.acknowledge()
        onNews()
      }
    } catch {
      throw FileError(operation: error.function, path: path, errno: error.errno)
    }
  }

  /// Whether ``encode(_:until:)`` can make progress.
  var hasRoom: Bool { checkpoint.hasRoom }

  /// The result, with the number of bytes; nil while it is being made.
  var outcome: Result<Int, FileError>? { checkpoint.outcome }

  /// Copies at least one metric, until time is up or the disk is too far behind.
  func encode(_ metrics: [MonitoredMetric], until deadline: MonotonicTime) {
    while next < count {
      guard checkpoint.hasRoom else { return }
      let metric = metrics[next]
      if only?.contains(metric.name) ?? true {
        checkpoint.append(.metric, name: metric.name.text) { metric.encode(to: &$0) }
      }
      next += 1
      if MonotonicTime.now >= deadline { return }
    }
    guard !isEncoded else { return }
    for record in rest {
      checkpoint.append(record.kind, name: record.name) { $0.write(raw: record.payload) }
    }
    checkpoint.finish()
    isEncoded = true
  }

  /// Aborts it, waiting for at most one system call of the writing thread. If it was complete by
  /// then, it is published all the same.
  func cancel() {
    news = nil
    checkpoint.cancel()
  }
}
