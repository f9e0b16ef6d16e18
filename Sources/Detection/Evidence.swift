/// The kinds of evidence that a detector weighs, in the order of DETECTOR.md, section 4.
public enum Evidence: UInt8, CaseIterable, Sendable {
  /// The value is far from the forecast.
  case jump = 0
  /// The last 8 samples look like nothing seen before.
  case window8 = 1
  /// The last 48 samples look like nothing seen before.
  case window48 = 2
  /// The last 144 samples look like nothing seen before.
  case window144 = 3
  /// The last 32 samples stay on one side of what was forecast 48 samples ahead.
  case drift = 4
  /// The value is far from every earlier value.
  case value = 5
  /// The mean of the last three values is far from every earlier such mean.
  case value3 = 6
  /// The series has become far smoother than it used to be.
  case quiet = 7

  /// The word used in events, tables and files.
  public var name: String {
    switch self {
    case .jump: "jump"
    case .window8: "window8"
    case .window48: "window48"
    case .window144: "window144"
    case .drift: "drift"
    case .value: "value"
    case .value3: "value3"
    case .quiet: "quiet"
    }
  }

  /// The evidence with that ``name``.
  public init?(name: some StringProtocol) {
    guard let match = Evidence.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// What it means, as the end of "anomalous because …".
  public var explanation: String {
    switch self {
    case .jump: "the value is far from the forecast"
    case .window8: "the last 8 samples have a shape not seen before"
    case .window48: "the last 48 samples have a shape not seen before"
    case .window144: "the last 144 samples have a shape not seen before"
    case .drift: "the level has stayed away from its forecast for 32 samples"
    case .value: "the value is far from every value seen before"
    case .value3: "the last 3 values are far from every level seen before"
    case .quiet: "the metric has become unusually still"
    }
  }
}
