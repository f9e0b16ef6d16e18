public import Detection

/// Why an event opened.
public enum EventCause: Equatable, Sendable {
  /// The detector's evidence; the strongest of several kinds.
  case evidence(Evidence)
  /// The value lay beyond the end `bound` of the metric's `Range=`, in the metric's unit.
  case limit(bound: Double)
  /// The value lay beyond `bound` of the ``HostLimit`` with this id for long enough.
  case hostLimit(UInt8, bound: Double)
  /// No samples came for longer than the input's `SilenceAfter=`.
  case silentInput
  /// Scheduled activity did not occur; see ``Event/recurrence``.
  case missedVisit
  /// None: it is a test of an output.
  case test

  /// The word used in events, tables and files: the name of the evidence, `limit`, `host_limit`,
  /// `silence`, `missed_visit` or `test`.
  public var name: String {
    switch self {
    case .evidence(let evidence): evidence.name
    case .limit: "limit"
    case .hostLimit: "host_limit"
    case .silentInput: "silence"
    case .missedVisit: "missed_visit"
    case .test: "test"
    }
  }

  /// Its meaning, to complete "anomalous because …".
  public var explanation: String {
    switch self {
    case .evidence(let evidence): evidence.explanation
    case .limit: "the value is outside the configured range"
    case .hostLimit: "the value is beyond a built-in limit"
    case .silentInput: "no samples have come for longer than configured"
    case .missedVisit: "what usually happens at this time did not happen"
    case .test: "a test of the output"
    }
  }

  /// Whether a fixed limit opened the event.
  var isLimit: Bool {
    switch self {
    case .limit, .hostLimit: true
    case .evidence, .silentInput, .missedVisit, .test: false
    }
  }

  /// The explanation of a cause by its ``name``; nil if no cause has that name.
  public static func explanation(ofName name: some StringProtocol) -> String? {
    switch name {
    case "limit": EventCause.limit(bound: 0).explanation
    case "host_limit": EventCause.hostLimit(0, bound: 0).explanation
    case "silence": EventCause.silentInput.explanation
    case "missed_visit": EventCause.missedVisit.explanation
    case "test": EventCause.test.explanation
    default: Evidence(name: name)?.explanation
    }
  }
}
