public import Monitor

/// Answers the calls of control clients on behalf of the daemon.
///
/// Called on the loop's thread between two samples: each call may take a few milliseconds at most.
public protocol ControlHandler {
  /// Answers `Status`.
  func status() -> StatusReply

  /// One page of `ListMetrics`, in order of registration; before the last page it may have fewer
  /// metrics than requested, even none, so that a call never takes long.
  /// - Parameters:
  ///   - request: the metrics to list.
  ///   - cursor: 0 for the first page, then `next` of the previous page.
  ///   - limit: maximum number of metrics on the page.
  func listMetrics(
    _ request: MetricListRequest,
    from cursor: Int,
    limit: Int
  ) throws(ControlError) -> MetricPage

  /// Answers `ShowMetric`.
  /// - Throws: ``ControlError/noSuchMetric(_:)``.
  func showMetric(_ name: String) throws(ControlError) -> MetricDetail

  /// Answers `TestOutput`.
  /// - Throws: ``ControlError/noSuchOutput(_:)``.
  func testOutput(_ name: String, _ permit: ChangePermit) throws(ControlError) -> OutputTest

  /// Answers `Tap`: from now on, the samples of the metrics whose whole name matches a shell
  /// pattern, as ``TapReply`` parts; nil for all.
  /// - Throws: ``ControlError/invalidParameter(_:)`` for an invalid pattern.
  func tap(_ pattern: String?) throws(ControlError) -> any ReplyStream

  /// Answers `ListSilences`: those of the configuration, then those added by users, in order.
  func silences() -> [SilenceMessage]

  /// Answers `AddSilence`; the silence is on disk when this returns.
  /// - Throws: ``ControlError/invalidParameter(_:)``, ``ControlError/silenceRefused(_:)``.
  func addSilence(
    _ request: SilenceRequest,
    _ permit: ChangePermit
  ) throws(ControlError) -> SilenceMessage

  /// Answers `RemoveSilence`.
  /// - Throws: ``ControlError/noSuchSilence(_:)``, ``ControlError/silenceRefused(_:)``.
  func removeSilence(_ id: String, _ permit: ChangePermit) throws(ControlError) -> SilenceMessage

  /// Answers `ListEvents`: recorded events, newest first, as ``EventsReply`` parts.
  /// - Throws: ``ControlError/invalidParameter(_:)``.
  func listEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream

  /// Answers `FollowEvents`: each step of an event from now on, as ``EventsReply`` parts.
  /// - Throws: ``ControlError/invalidParameter(_:)``.
  func followEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream

  /// Answers `ShowEvent`.
  /// - Parameter id: the event's id, or its prefix or suffix.
  /// - Throws: ``ControlError/noSuchEvent(_:)``, ``ControlError/ambiguousEvent(_:)``.
  func showEvent(_ id: String) throws(ControlError) -> EventDetail

  /// Answers `ListIncidents`: recorded incidents, newest first, as ``IncidentsReply`` parts.
  /// - Throws: ``ControlError/invalidParameter(_:)``.
  func listIncidents(_ request: IncidentListRequest) throws(ControlError) -> any ReplyStream

  /// Answers `ShowIncident`.
  /// - Parameter id: the incident's id, or its prefix or suffix.
  /// - Throws: ``ControlError/noSuchIncident(_:)``, ``ControlError/ambiguousEvent(_:)``.
  func showIncident(_ id: String) throws(ControlError) -> IncidentDetail

  /// Answers `SetFeedback`.
  /// - Throws: as ``showEvent(_:)``, and ``ControlError/invalidParameter(_:)``.
  func setFeedback(
    _ request: FeedbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> FeedbackReply

  /// Answers `CloseEvent`.
  /// - Throws: as ``showEvent(_:)``, and ``ControlError/invalidParameter(_:)``.
  func closeEvent(
    _ request: CloseEventRequest, by permit: ChangePermit
  ) throws(ControlError) -> CloseEventReply

  /// One page of `ListModels`, as ``listMetrics(_:from:limit:)``.
  /// - Throws: ``ControlError/invalidParameter(_:)`` for an invalid pattern.
  func listModels(
    _ pattern: String?, from cursor: Int, limit: Int
  ) throws(ControlError) -> ModelPage

  /// Answers `FreezeModels`, `UnfreezeModels` and `ResetModels`.
  /// - Throws: ``ControlError/noSuchMetric(_:)`` for a name or pattern that matches nothing, without any
  ///   change; ``ControlError/invalidParameter(_:)``.
  func changeModels(
    _ change: ModelChange, _ request: ModelChangeRequest, by permit: ChangePermit
  ) throws(ControlError) -> ModelChangeReply

  /// Answers `ListSnapshots`.
  func snapshots() -> SnapshotsReply

  /// Answers `DeleteSnapshot`.
  /// - Throws: ``ControlError/noSuchSnapshot(_:)``.
  func deleteSnapshot(_ name: String, by permit: ChangePermit) throws(ControlError) -> SnapshotReply

  /// Answers `SnapshotModels`, with one ``SnapshotReply`` once the snapshot is on disk.
  /// - Throws: as ``changeModels(_:_:by:)``, and ``ControlError/modelsRefused(_:)``.
  func snapshotModels(
    _ request: SnapshotRequest, by permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream

  /// Answers `RollBackModels` and `UnlearnModels`, with one ``RollbackReply`` once it is done.
  /// - Throws: as ``changeModels(_:_:by:)``, ``ControlError/noSuchSnapshot(_:)`` and
  ///   ``ControlError/modelsRefused(_:)``.
  func rollBackModels(
    _ request: RollbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream

  /// Answers `ExportModel`, with ``ExportReply`` parts.
  /// - Throws: ``ControlError/noSuchMetric(_:)``, ``ControlError/noSuchSnapshot(_:)``,
  ///   ``ControlError/modelsRefused(_:)``.
  func exportModel(_ request: ExportRequest) throws(ControlError) -> any ReplyStream

  /// Answers `ImportModel`.
  /// - Throws: ``ControlError/modelsRefused(_:)``, ``ControlError/invalidParameter(_:)``.
  func importModel(
    _ request: ImportRequest, by permit: ChangePermit
  ) throws(ControlError) -> ImportReply
}

/// Which metrics to list.
public struct MetricListRequest: Equatable, Sendable {
  /// A shell pattern with `*`, `?` and `[...]` for whole names; nil for all.
  public var pattern: String?
  /// Only metrics in this state; nil for all.
  public var state: MetricState?

  /// Creates a request.
  public init(pattern: String? = nil, state: MetricState? = nil) {
    self.pattern = pattern
    self.state = state
  }
}

/// A page of a list of metrics.
public struct MetricPage: Equatable, Sendable {
  /// The metrics, at most as many as requested.
  public var metrics: [MetricSummary]
  /// Where the next page begins; nil after the last one.
  public var next: Int?

  /// Creates a page.
  public init(metrics: [MetricSummary], next: Int?) {
    self.metrics = metrics
    self.next = next
  }
}

/// How the daemon identifies itself in `org.varlink.service.GetInfo`.
public struct ServiceIdentity: Equatable, Sendable {
  /// The vendor.
  public var vendor: String
  /// The product.
  public var product: String
  /// Its version.
  public var version: String
  /// Where to find out more.
  public var url: String

  /// An identity with these parts.
  public init(vendor: String, product: String, version: String, url: String) {
    self.vendor = vendor
    self.product = product
    self.version = version
    self.url = url
  }
}
