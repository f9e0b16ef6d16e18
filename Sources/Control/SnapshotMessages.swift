public import Monitor
public import Series

/// All snapshots: the reply of `ListSnapshots`.
public struct SnapshotsReply: Codable, Equatable, Sendable {
  /// Oldest first.
  public var snapshots: [ModelSnapshot]
  /// The most bytes that those without a user's name take (`SnapshotBytes=`).
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

/// A snapshot to be made: the parameters of `SnapshotModels`.
public struct SnapshotRequest: Codable, Equatable, Sendable {
  /// Its name; nil: one that is deleted when snapshots take too much space.
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

/// Metrics that are to return to a snapshot: the parameters of `RollBackModels` and `UnlearnModels`.
public struct RollbackRequest: Codable, Equatable, Sendable {
  /// Names or shell patterns of the metrics; empty for all.
  public var metrics: [String]
  /// The name of the snapshot; nil: the newest one at or before `before`.
  public var snapshot: String?
  /// See `snapshot`; of `UnlearnModels` the beginning of what is not to be learnt.
  public var before: Timestamp?
  /// Of `UnlearnModels`, the end of what is not to be learnt.
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

/// What has become of a roll-back.
public struct RollbackReply: Codable, Equatable, Sendable {
  /// The snapshot.
  public var snapshot: ModelSnapshot
  /// Metrics that have returned to it.
  public var metrics = 0
  /// Metrics that it does not contain, and that stay as they are.
  public var newer = 0
  /// Metrics whose state in it cannot be used, and that stay as they are.
  public var failed = 0
  /// The first of them, and why.
  public var firstFailure: String?
  /// Samples that were learnt again.
  public var relearnt = 0

  /// Nothing yet.
  public init(snapshot: ModelSnapshot) {
    self.snapshot = snapshot
  }
}
