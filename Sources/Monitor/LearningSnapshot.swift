package import Series

/// What a detector had learnt before a silence, to go on from at its end.
package final class LearningSnapshot {
  /// The first sample that is to be forgotten.
  package let since: Timestamp
  /// What ``ValueDetector/encode()`` gave.
  package let bytes: [UInt8]
  private let account: LearningSnapshotAccount

  /// Keeps these bytes.
  package init(_ bytes: [UInt8], since: Timestamp, on account: LearningSnapshotAccount) {
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

/// How much is kept by all metrics together.
package final class LearningSnapshotAccount {
  package fileprivate(set) var bytes = 0
  package fileprivate(set) var metrics = 0
  /// Why what was kept could not be gone back to, of the newest one; nil if it always could.
  package var fault: String?
}

/// What holds for a metric between two moments, as far as the path of a sample has to know.
package struct SilenceSpan {
  package var from: Int64
  package var until: Int64
  /// Whether what is learnt is to be undone.
  package var suppressesLearning: Bool

  /// Nothing is known yet.
  package static let unknown = SilenceSpan(from: .max, until: .min, suppressesLearning: false)
}
