public import Detection

/// Why an event opened.
public enum EventCause: Equatable, Sendable {
  /// The detector's evidence; of several kinds the strongest.
  case evidence(Evidence)
  /// The value lay beyond the end `bound` of the metric's `Range=`, in the metric's unit.
  case limit(bound: Double)
  /// No samples came for longer than the input's `SilenceAfter=`.
  case silentInput

  /// The word used in events, tables and files: the name of the evidence, `limit` or `silence`.
  public var name: String {
    switch self {
    case .evidence(let evidence): evidence.name
    case .limit: "limit"
    case .silentInput: "silence"
    }
  }

  /// What it means, to complete "anomalous because …".
  public var explanation: String {
    switch self {
    case .evidence(let evidence): evidence.explanation
    case .limit: "the value is outside the configured range"
    case .silentInput: "no samples have come for longer than configured"
    }
  }

  /// The explanation of a cause by its ``name``; nil for a word that is no cause.
  public static func explanation(ofName name: some StringProtocol) -> String? {
    switch name {
    case "limit": EventCause.limit(bound: 0).explanation
    case "silence": EventCause.silentInput.explanation
    default: Evidence(name: name)?.explanation
    }
  }
}
