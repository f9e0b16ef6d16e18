/// The errors in Varlink replies, with their parameters.
public enum ControlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No metric has this name.
  case noSuchMetric(String)
  /// No output has this name.
  case noSuchOutput(String)
  /// No silence that can be removed has this number.
  case noSuchSilence(String)
  /// A silence cannot be added or removed; the reason is for the user.
  case silenceRefused(String)
  /// No snapshot of models has this name or is old enough.
  case noSuchSnapshot(String)
  /// Models cannot be changed as requested; the reason is for the user.
  case modelsRefused(String)
  /// No event in the history has this id.
  case noSuchEvent(String)
  /// No incident in the history has this id.
  case noSuchIncident(String)
  /// Several events or incidents have ids that begin or end with this.
  case ambiguousEvent(String)
  /// The service has no such interface.
  case interfaceNotFound(String)
  /// The interface has no such method.
  case methodNotFound(String)
  /// The method is described but not implemented.
  case methodNotImplemented(String)
  /// A parameter is missing, unknown, or of the wrong type.
  case invalidParameter(String)
  /// There are too many connections; the reason is for the user.
  case tooManyClients(String)
  /// The caller may not do this.
  case permissionDenied
  /// The result is too long for one reply: call again with `more`.
  case expectedMore
  /// An error unknown to this version, by its name.
  case unknown(String)

  /// Its full name on the wire.
  public var name: String {
    switch self {
    case .noSuchMetric: "io.anomalyd.NoSuchMetric"
    case .noSuchOutput: "io.anomalyd.NoSuchOutput"
    case .noSuchSilence: "io.anomalyd.NoSuchSilence"
    case .silenceRefused: "io.anomalyd.SilenceRefused"
    case .noSuchSnapshot: "io.anomalyd.NoSuchSnapshot"
    case .modelsRefused: "io.anomalyd.ModelsRefused"
    case .noSuchEvent: "io.anomalyd.NoSuchEvent"
    case .noSuchIncident: "io.anomalyd.NoSuchIncident"
    case .ambiguousEvent: "io.anomalyd.AmbiguousEvent"
    case .tooManyClients: "io.anomalyd.TooManyClients"
    case .interfaceNotFound: "org.varlink.service.InterfaceNotFound"
    case .methodNotFound: "org.varlink.service.MethodNotFound"
    case .methodNotImplemented: "org.varlink.service.MethodNotImplemented"
    case .invalidParameter: "org.varlink.service.InvalidParameter"
    case .permissionDenied: "org.varlink.service.PermissionDenied"
    case .expectedMore: "org.varlink.service.ExpectedMore"
    case .unknown(let name): name
    }
  }

  /// Its one parameter: name and value; nil if it has none.
  var parameter: (name: String, value: String)? {
    switch self {
    case .noSuchMetric(let name), .noSuchOutput(let name), .noSuchSnapshot(let name):
      ("name", name)
    case .noSuchSilence(let id): ("id", id)
    case .silenceRefused(let reason), .tooManyClients(let reason), .modelsRefused(let reason):
      ("reason", reason)
    case .noSuchEvent(let id), .noSuchIncident(let id), .ambiguousEvent(let id): ("id", id)
    case .interfaceNotFound(let interface): ("interface", interface)
    case .methodNotFound(let method), .methodNotImplemented(let method): ("method", method)
    case .invalidParameter(let parameter): ("parameter", parameter)
    case .permissionDenied, .expectedMore, .unknown: nil
    }
  }

  init(name: String, parameters: [String: String]) {
    func value(_ key: String) -> String { parameters[key] ?? "" }
    self =
      switch name {
      case "io.anomalyd.NoSuchMetric": .noSuchMetric(value("name"))
      case "io.anomalyd.NoSuchOutput": .noSuchOutput(value("name"))
      case "io.anomalyd.NoSuchSilence": .noSuchSilence(value("id"))
      case "io.anomalyd.SilenceRefused": .silenceRefused(value("reason"))
      case "io.anomalyd.NoSuchSnapshot": .noSuchSnapshot(value("name"))
      case "io.anomalyd.ModelsRefused": .modelsRefused(value("reason"))
      case "io.anomalyd.NoSuchEvent": .noSuchEvent(value("id"))
      case "io.anomalyd.NoSuchIncident": .noSuchIncident(value("id"))
      case "io.anomalyd.AmbiguousEvent": .ambiguousEvent(value("id"))
      case "io.anomalyd.TooManyClients": .tooManyClients(value("reason"))
      case "org.varlink.service.InterfaceNotFound": .interfaceNotFound(value("interface"))
      case "org.varlink.service.MethodNotFound": .methodNotFound(value("method"))
      case "org.varlink.service.MethodNotImplemented": .methodNotImplemented(value("method"))
      case "org.varlink.service.InvalidParameter": .invalidParameter(value("parameter"))
      case "org.varlink.service.PermissionDenied": .permissionDenied
      case "org.varlink.service.ExpectedMore": .expectedMore
      default: .unknown(name)
      }
  }

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .noSuchMetric(let name): "there is no metric '\(name)'"
    case .noSuchOutput(let name): "there is no output '\(name)'"
    case .noSuchSilence(let id): "there is no active or future silence '\(id)'"
    case .silenceRefused(let reason), .modelsRefused(let reason): reason
    case .noSuchSnapshot(let name):
      "there is no snapshot '\(name)'; 'anomalyctl models snapshots' lists all"
    case .noSuchEvent(let id):
      "the history has no event '\(id)'; see 'anomalyctl events'"
    case .noSuchIncident(let id):
      "the history has no incident '\(id)'; see 'anomalyctl incidents'"
    case .ambiguousEvent(let id): "several ids begin or end with '\(id)'"
    case .tooManyClients(let reason): "the daemon rejects this connection: \(reason)"
    case .interfaceNotFound(let interface): "the daemon has no interface '\(interface)'"
    case .methodNotFound(let method): "the daemon has no method '\(method)'"
    case .methodNotImplemented(let method): "the daemon does not implement '\(method)'"
    case .invalidParameter(let parameter): "the daemon rejects the parameter '\(parameter)'"
    case .permissionDenied:
      "the daemon denies permission: only root and the group '\(ChangeAuthority.groupName)' may "
        + "make changes"
    case .expectedMore: "the answer is too long for one reply"
    case .unknown(let name): "the daemon answered with the error \(name)"
    }
  }
}
