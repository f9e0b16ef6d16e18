/// The methods of `io.anomalyd`, each as a call that waits for its reply.
extension ControlClient {
  /// Calls `Status`.
  public func status() throws(ControlClientError) -> StatusReply {
    try call("io.anomalyd.Status", NoParameters())
  }

  /// Calls `ShowMetric`.
  public func showMetric(_ name: String) throws(ControlClientError) -> MetricDetail {
    try call("io.anomalyd.ShowMetric", ShowMetricParameters(name: name))
  }

  /// Calls `ListMetrics` and passes on the metrics as they arrive.
  public func listMetrics(
    _ request: MetricListRequest,
    each take: ([MetricSummary]) -> Void
  ) throws(ControlClientError) {
    let parameters = ListMetricsParameters(pattern: request.pattern, state: request.state)
    try collect("io.anomalyd.ListMetrics", parameters) { (reply: MetricsReply) in
      take(reply.metrics)
    }
  }

  /// Calls `Tap` and passes on the samples as they arrive, until `take` returns false, one of
  /// `interruptions` happens, or the daemon ends.
  public func tap(
    _ pattern: String?,
    until interruptions: [Interruption] = [],
    each take: (TapReply) -> Bool
  ) throws(ControlClientError) {
    try follow(
      "io.anomalyd.Tap", TapParameters(pattern: pattern), until: interruptions, each: take)
  }

  /// Calls `TestOutput`.
  public func testOutput(_ name: String) throws(ControlClientError) -> OutputTest {
    try call("io.anomalyd.TestOutput", TestOutputParameters(name: name))
  }

  /// Calls `ListSilences`.
  public func silences() throws(ControlClientError) -> [SilenceMessage] {
    let reply: SilencesReply = try call("io.anomalyd.ListSilences", NoParameters())
    return reply.silences
  }

  /// Calls `AddSilence`.
  public func addSilence(
    _ request: SilenceRequest
  ) throws(ControlClientError) -> SilenceMessage {
    let reply: SilenceReply = try call("io.anomalyd.AddSilence", request)
    return reply.silence
  }

  /// Calls `RemoveSilence`.
  public func removeSilence(_ id: String) throws(ControlClientError) -> SilenceMessage {
    let reply: SilenceReply = try call(
      "io.anomalyd.RemoveSilence", RemoveSilenceParameters(id: id))
    return reply.silence
  }

  /// Calls `ListEvents` and passes on the events as they arrive, newest first.
  public func listEvents(
    _ request: EventListRequest,
    each take: (EventsReply) -> Void
  ) throws(ControlClientError) {
    try collect("io.anomalyd.ListEvents", request, each: take)
  }

  /// Calls `FollowEvents` and passes on steps of events as they happen, until `take` returns false
  /// or an interruption happens.
  public func followEvents(
    _ request: EventListRequest,
    until interruptions: [Interruption] = [],
    each take: (EventsReply) -> Bool
  ) throws(ControlClientError) {
    try follow("io.anomalyd.FollowEvents", request, until: interruptions, each: take)
  }

  /// Calls `ShowEvent`.
  public func showEvent(_ id: String) throws(ControlClientError) -> EventDetail {
    try call("io.anomalyd.ShowEvent", ShowEventParameters(id: id))
  }

  /// Calls `ListIncidents` and passes on its parts.
  public func listIncidents(
    _ request: IncidentListRequest, each take: (IncidentsReply) -> Void
  ) throws(ControlClientError) {
    try collect("io.anomalyd.ListIncidents", request, each: take)
  }

  /// Calls `ShowIncident`.
  public func showIncident(_ id: String) throws(ControlClientError) -> IncidentDetail {
    try call("io.anomalyd.ShowIncident", ShowEventParameters(id: id))
  }

  /// Calls `SetFeedback`.
  public func setFeedback(_ request: FeedbackRequest) throws(ControlClientError) -> FeedbackReply {
    try call("io.anomalyd.SetFeedback", request)
  }

  /// Calls `CloseEvent`.
  public func closeEvent(
    _ request: CloseEventRequest
  ) throws(ControlClientError) -> CloseEventReply {
    try call("io.anomalyd.CloseEvent", request)
  }

  /// Calls `GetInterfaceDescription`.
  public func description(of interface: String) throws(ControlClientError) -> String {
    let reply: DescriptionReply = try call(
      "org.varlink.service.GetInterfaceDescription",
      InterfaceParameters(interface: interface)
    )
    return reply.description
  }
}
