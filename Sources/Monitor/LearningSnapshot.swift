import Series

/// A detector's state before a silence that suppresses learning, restored when the silence ends.
package final class LearningSnapshot {
  /// The first sample to be forgotten.
  let since: Timestamp
  /// The result of ``Detector/encode()``.
  let bytes: [UInt8]
  private let account: LearningSnapshotAccount

  init(_ bytes: [UInt8], since: Timestamp, on account: LearningSnapshotAccount) {
    self.since = since
    self.bytes = bytes
    self.account = account
    account.bytes += bytes.count
    account.metrics += 1
  }

  deinit {
    account.bytes -= bytes.count
    account.metrics -= 1
  }
}

/// The learning snapshots of all metrics together.
package final class LearningSnapshotAccount {
  package fileprivate(set) var bytes = 0
  package fileprivate(set) var metrics = 0
  /// Why a snapshot could not be restored, for the latest failure; nil if all could.
  package var fault: String?

  /// No snapshots.
  package init() {}
}

/// The effect of silences on a metric between two times, as far as the hot path needs it.
package struct SilenceSpan {
  var from: Int64
  var until: Int64
  /// Whether learning is undone afterwards.
  var suppressesLearning: Bool

  /// Not known yet.
  static let unknown = SilenceSpan(from: .max, until: .min, suppressesLearning: false)
}
