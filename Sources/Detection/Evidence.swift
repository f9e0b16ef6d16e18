/// The kinds of evidence that detectors weigh: of values in the order of docs/detector.md, section 5, then
/// of events.
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
  /// The id was not expected after those before it.
  case symbol = 8
  /// The time since the event before is unusual for these two ids.
  case interval = 9
  /// The last 8 events came in an unusual order.
  case order8 = 10
  /// The last 32 events came in an unusual order.
  case order32 = 11
  /// The last 64 events are of an unusual mix, as in a loop that does not end.
  case mix64 = 12
  /// The last 32 events came at unusual times.
  case pace32 = 13
  /// The id was never seen before.
  case unknown = 14

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
    case .symbol: "symbol"
    case .interval: "interval"
    case .order8: "order8"
    case .order32: "order32"
    case .mix64: "mix64"
    case .pace32: "pace32"
    case .unknown: "unknown"
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
    case .symbol: "the event was not expected after those before it"
    case .interval: "the time since the event before is unusual"
    case .order8: "the last 8 events came in an unusual order"
    case .order32: "the last 32 events came in an unusual order"
    case .mix64: "the last 64 events are of an unusual mix"
    case .pace32: "the last 32 events came at unusual times"
    case .unknown: "this event was never seen before"
    }
  }

  /// What a detector judges, and with it the evidence that it weighs.
  public enum Family: Sendable {
    /// Samples of a metric.
    case values
    /// Events of a stream.
    case symbols

    /// Its kinds of evidence, at most 8.
    public var kinds: [Evidence] { self == .values ? Evidence.ofValues : Evidence.ofSymbols }
  }

  /// The family that the kind belongs to.
  public var family: Family { rawValue < 8 ? .values : .symbols }
  /// Place in a verdict's evidence, 0 ..< 8.
  public var index: Int { Int(rawValue & 7) }

  private static let ofValues = allCases.filter { $0.family == .values }
  private static let ofSymbols = allCases.filter { $0.family == .symbols }
}
