public import Monitor

/// Calls about models.
extension ControlClient {
  /// Calls `ListModels` and passes on the models as they arrive.
  public func listModels(
    _ pattern: String?, each take: ([ModelSummary]) -> Void
  ) throws(ControlClientError) {
    try collect("io.anomalyd.ListModels", ListModelsParameters(pattern: pattern)) {
      (reply: ModelsReply) in take(reply.models)
    }
  }

  /// Calls `FreezeModels`, `UnfreezeModels` or `ResetModels`.
  public func changeModels(
    _ change: ModelChange, _ request: ModelChangeRequest
  ) throws(ControlClientError) -> ModelChangeReply {
    let method =
      switch change {
      case .freeze: "io.anomalyd.FreezeModels"
      case .unfreeze: "io.anomalyd.UnfreezeModels"
      case .reset: "io.anomalyd.ResetModels"
      }
    return try call(method, request)
  }

  /// Calls `ListSnapshots`.
  public func snapshots() throws(ControlClientError) -> SnapshotsReply {
    try call("io.anomalyd.ListSnapshots", NoParameters())
  }

  /// Calls `SnapshotModels` and waits until the snapshot is on disk.
  public func snapshotModels(
    _ request: SnapshotRequest, until interruptions: [Interruption] = []
  ) throws(ControlClientError) -> ModelSnapshot? {
    var snapshot: ModelSnapshot?
    try follow("io.anomalyd.SnapshotModels", request, until: interruptions) {
      (reply: SnapshotReply) in
      snapshot = reply.snapshot
      return false
    }
    return snapshot
  }

  /// Calls `DeleteSnapshot`.
  public func deleteSnapshot(_ name: String) throws(ControlClientError) -> ModelSnapshot {
    let reply: SnapshotReply = try call(
      "io.anomalyd.DeleteSnapshot", DeleteSnapshotParameters(name: name))
    return reply.snapshot
  }

  /// Calls `RollBackModels`, or `UnlearnModels` if the request has an end, and waits until it is
  /// done.
  public func rollBackModels(
    _ request: RollbackRequest, until interruptions: [Interruption] = []
  ) throws(ControlClientError) -> RollbackReply? {
    var result: RollbackReply?
    let method = request.until == nil ? "io.anomalyd.RollBackModels" : "io.anomalyd.UnlearnModels"
    try follow(method, request, until: interruptions) { (reply: RollbackReply) in
      result = reply
      return false
    }
    return result
  }

  /// Calls `ExportModel`.
  public func exportModel(_ request: ExportRequest) throws(ControlClientError) -> [UInt8] {
    var bytes: [UInt8] = []
    try collect("io.anomalyd.ExportModel", request) { (reply: ExportReply) in
      bytes += reply.data.bytes
    }
    return bytes
  }

  /// Calls `ImportModel`.
  public func importModel(_ request: ImportRequest) throws(ControlClientError) -> ImportReply {
    try call("io.anomalyd.ImportModel", request)
  }
}
