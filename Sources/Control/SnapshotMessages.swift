public import Monitor
public import Series

/// All snapshots: the reply of `ListSnapshots`.
public struct SnapshotsReply: Codable, Equatable, Sendable {
  /// Oldest first.
  public var snapshots: [ModelSnapshot]
  /// Maximum total size in bytes of automatic snapshots (`SnapshotBytes=`).
  public var maximumBytes: Int

  /// These snapshots.
  public init(snapshots: [ModelSnapshot], maximumBytes: Int) {
    self.snapshots = snapshots
    self.maximumBytes = maximumBytes
  }
}

/// One snapshot: the reply of `SnapshotModels` and `DeleteSnapshot`.
public struct SnapshotReply: Codable, Equatable, Sendable {
  /// The snapshot.
  public var snapshot: ModelSnapshot

  /// That snapshot.
  public init(snapshot: ModelSnapshot) {
    self.snapshot = snapshot
  }
}

/// A requested snapshot: the parameters of `SnapshotModels`.
public struct SnapshotRequest: Codable, Equatable, Sendable {
  /// Its name; nil: an automatic one, which is deleted when space runs out.
  public var name: String?
  /// Names or shell patterns of the metrics in it; empty for all.
  public var metrics: [String]

  /// A request.
  public init(name: String?, metrics: [String]) {
    self.name = name
    self.metrics = metrics
  }
}

extension SnapshotRequest: CallParameters {
  static let names: Set = ["name", "metrics"]
}

struct DeleteSnapshotParameters: CallParameters {
  static let names: Set = ["name"]
  var name: String
}

/// Metrics to be rolled back to a snapshot: the parameters of `RollBackModels` and `UnlearnModels`.
public struct RollbackRequest: Codable, Equatable, Sendable {
  /// Names or shell patterns of the metrics; empty for all.
  public var metrics: [String]
  /// The name of the snapshot; nil: the newest one at or before `before`.
  public var snapshot: String?
  /// See `snapshot`; for `UnlearnModels` the beginning of the span to unlearn.
  public var before: Timestamp?
  /// For `UnlearnModels`, the end of the span to unlearn.
  public var until: Timestamp?

  /// A request.
  public init(
    metrics: [String], snapshot: String? = nil, before: Timestamp? = nil, until: Timestamp? = nil
  ) {
    self.metrics = metrics
    self.snapshot = snapshot
    self.before = before
    self.until = until
  }
}

extension RollbackRequest: CallParameters {
  static let names: Set = ["metrics", "snapshot", "before", "until"]
}

/// The result of a roll-back.
public struct RollbackReply: Codable, Equatable, Sendable {
  /// The snapshot.
  public var snapshot: ModelSnapshot
  /// Metrics that were rolled back.
  public var metrics = 0
  /// Metrics that it does not contain, which are unchanged.
  public var newer = 0
  /// Metrics whose state in it is unusable, which are unchanged.
  public var failed = 0
  /// The first of them, and why.
  public var firstFailure: String?
  /// Samples that were relearnt.
  public var relearnt = 0

  /// Nothing yet.
  public init(snapshot: ModelSnapshot) {
    self.snapshot = snapshot
  }
}
