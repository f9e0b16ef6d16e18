import Series

/// What a detector had learnt before a silence, to go on from at its end.
final class KeptLearning {
  /// The first sample that is to be forgotten.
  let since: Timestamp
  /// What ``Detector/encode()`` gave.
  let bytes: [UInt8]
  private let account: KeptLearningAccount

  /// Keeps these bytes.
  init(_ bytes: [UInt8], since: Timestamp, on account: KeptLearningAccount) {
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
final class KeptLearningAccount {
  fileprivate(set) var bytes = 0
  fileprivate(set) var metrics = 0
  /// Why what was kept could not be gone back to, of the newest one; nil if it always could.
  var fault: String?
}

/// What holds for a metric between two moments, as far as the path of a sample has to know.
struct SilenceSpan {
  var from: Int64
  var until: Int64
  /// Whether what is learnt is to be undone.
  var suppressesLearning: Bool

  /// Nothing is known yet.
  static let unknown = SilenceSpan(from: .max, until: .min, suppressesLearning: false)
}
