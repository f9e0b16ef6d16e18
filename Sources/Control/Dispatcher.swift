/// Finds the method named by a call, and answers the call.
struct Dispatcher<Handler: ControlHandler> {
  let identity: ServiceIdentity
  let limits: ControlLimits
  /// The caller; methods that make changes need its permit.
  let caller: Caller
  let handler: Handler

  enum Answer {
    /// One reply.
    case reply([UInt8])
    /// Several replies, produced one after the other.
    case stream(any ReplyStream)
    /// An error.
    case failure(ControlError)
  }

  /// The answer to the call in `bytes`.
  func answer(_ method: String, _ bytes: ArraySlice<UInt8>, more: Bool) -> Answer {
    do throws(ControlError) {
      switch method {
      case "org.varlink.service.GetInfo":
        _ = try Wire.parameters(NoParameters.self, of: bytes)
        return try reply(
          ServiceInfo(
            vendor: identity.vendor,
            product: identity.product,
            version: identity.version,
            url: identity.url,
            interfaces: InterfaceDescription.all.map(\.name)
          )
        )
      case "org.varlink.service.GetInterfaceDescription":
        let name = try Wire.parameters(InterfaceParameters.self, of: bytes).interface
        guard let text = InterfaceDescription.text(of: name) else {
          throw ControlError.interfaceNotFound(name)
        }
        return try reply(DescriptionReply(description: text))
      case "io.anomalyd.Status":
        _ = try Wire.parameters(NoParameters.self, of: bytes)
        return try reply(handler.status())
      case "io.anomalyd.ListMetrics":
        return try list(try Wire.parameters(ListMetricsParameters.self, of: bytes), more: more)
      case "io.anomalyd.ShowMetric":
        let name = try Wire.parameters(ShowMetricParameters.self, of: bytes).name
        return try reply(try handler.showMetric(name))
      case "io.anomalyd.TestOutput":
        let name = try Wire.parameters(TestOutputParameters.self, of: bytes).name
        return try reply(try handler.testOutput(name, try caller.permit()))
      case "io.anomalyd.Tap":
        let pattern = try Wire.parameters(TapParameters.self, of: bytes).pattern
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.tap(pattern))
      case "io.anomalyd.ListSilences":
        _ = try Wire.parameters(NoParameters.self, of: bytes)
        return try reply(SilencesReply(silences: handler.silences()))
      case "io.anomalyd.AddSilence":
        let request = try Wire.parameters(SilenceRequest.self, of: bytes)
        return try reply(
          SilenceReply(silence: try handler.addSilence(request, try caller.permit())))
      case "io.anomalyd.RemoveSilence":
        let id = try Wire.parameters(RemoveSilenceParameters.self, of: bytes).id
        return try reply(
          SilenceReply(silence: try handler.removeSilence(id, try caller.permit())))
      case "io.anomalyd.ListEvents":
        let request = try Wire.parameters(EventListRequest.self, of: bytes)
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.listEvents(request))
      case "io.anomalyd.FollowEvents":
        let request = try Wire.parameters(EventListRequest.self, of: bytes)
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.followEvents(request))
      case "io.anomalyd.ShowEvent":
        let id = try Wire.parameters(ShowEventParameters.self, of: bytes).id
        return try reply(try handler.showEvent(id))
      case "io.anomalyd.ListIncidents":
        let request = try Wire.parameters(IncidentListRequest.self, of: bytes)
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.listIncidents(request))
      case "io.anomalyd.ShowIncident":
        let id = try Wire.parameters(ShowEventParameters.self, of: bytes).id
        return try reply(try handler.showIncident(id))
      case "io.anomalyd.SetFeedback":
        let permit = try caller.permit()
        let request = try Wire.parameters(FeedbackRequest.self, of: bytes)
        return try reply(try handler.setFeedback(request, by: permit))
      case "io.anomalyd.CloseEvent":
        let permit = try caller.permit()
        let request = try Wire.parameters(CloseEventRequest.self, of: bytes)
        return try reply(try handler.closeEvent(request, by: permit))
      case "io.anomalyd.ListModels":
        let pattern = try Wire.parameters(ListModelsParameters.self, of: bytes).pattern
        guard more else { throw ControlError.expectedMore }
        let (handler, limit) = (handler, limits.metricsPerReply)
        return .stream(
          PageStream { cursor throws(ControlError) in
            let page = try handler.listModels(pattern, from: cursor, limit: limit)
            return (ModelsReply(models: page.models), page.next)
          })
      case "io.anomalyd.FreezeModels": return try change(.freeze, bytes)
      case "io.anomalyd.UnfreezeModels": return try change(.unfreeze, bytes)
      case "io.anomalyd.ResetModels": return try change(.reset, bytes)
      case "io.anomalyd.ExportModel":
        let request = try Wire.parameters(ExportRequest.self, of: bytes)
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.exportModel(request))
      case "io.anomalyd.ImportModel":
        let permit = try caller.permit()
        let request = try Wire.parameters(ImportRequest.self, of: bytes)
        return try reply(try handler.importModel(request, by: permit))
      case "io.anomalyd.ListSnapshots":
        _ = try Wire.parameters(NoParameters.self, of: bytes)
        return try reply(handler.snapshots())
      case "io.anomalyd.DeleteSnapshot":
        let permit = try caller.permit()
        let name = try Wire.parameters(DeleteSnapshotParameters.self, of: bytes).name
        return try reply(try handler.deleteSnapshot(name, by: permit))
      case "io.anomalyd.SnapshotModels":
        let permit = try caller.permit()
        let request = try Wire.parameters(SnapshotRequest.self, of: bytes)
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.snapshotModels(request, by: permit))
      case "io.anomalyd.RollBackModels", "io.anomalyd.UnlearnModels":
        let permit = try caller.permit()
        let request = try Wire.parameters(RollbackRequest.self, of: bytes)
        guard (request.until != nil) == (method == "io.anomalyd.UnlearnModels") else {
          throw ControlError.invalidParameter("until")
        }
        guard more else { throw ControlError.expectedMore }
        return .stream(try handler.rollBackModels(request, by: permit))
      default:
        throw unknown(method)
      }
    } catch {
      return .failure(error)
    }
  }

  private func list(
    _ parameters: ListMetricsParameters,
    more: Bool
  ) throws(ControlError) -> Answer {
    let request = MetricListRequest(pattern: parameters.pattern, state: parameters.state)
    if more {
      let (handler, limit) = (handler, limits.metricsPerReply)
      return .stream(
        PageStream { cursor throws(ControlError) in
          let page = try handler.listMetrics(request, from: cursor, limit: limit)
          return (MetricsReply(metrics: page.metrics), page.next)
        })
    }
    var metrics: [MetricSummary] = []
    var next: Int? = 0
    while let cursor = next, metrics.count < limits.metricsInOneReply {
      let page = try handler.listMetrics(
        request, from: cursor, limit: limits.metricsInOneReply - metrics.count)
      metrics += page.metrics
      next = page.next
    }
    guard next == nil else { throw .expectedMore }
    return try reply(MetricsReply(metrics: metrics))
  }

  private func change(
    _ change: ModelChange, _ bytes: ArraySlice<UInt8>
  ) throws(ControlError) -> Answer {
    let permit = try caller.permit()
    let request = try Wire.parameters(ModelChangeRequest.self, of: bytes)
    return try reply(try handler.changeModels(change, request, by: permit))
  }

  private func reply(_ parameters: some Encodable) throws(ControlError) -> Answer {
    // Messages contain no number that JSON cannot express, so this does not fail.
    guard let bytes = Wire.reply(parameters) else { throw .unknown("io.anomalyd.Unencodable") }
    return .reply(bytes)
  }

  private func unknown(_ method: String) -> ControlError {
    guard let dot = method.lastIndex(of: ".") else { return .interfaceNotFound(method) }
    let interface = String(method[..<dot])
    let isKnown = InterfaceDescription.text(of: interface) != nil
    return isKnown ? .methodNotFound(method) : .interfaceNotFound(interface)
  }
}
