public import Series

/// The name of one waiting message: the step and the event or incident that it is about, and its
/// time.
///
/// It is a function of the step alone, so that a step emitted again after a crash replaces the same
/// message if that is still waiting. Names sort in sending order: by the time of the step, then by
/// lane, event and step.
public struct OutboxEntry: Hashable, Comparable, Sendable {
  /// A step of an event or an incident.
  public enum Step: String, CaseIterable, Sendable {
    /// It has opened.
    case opened
    /// The event continues, with changes.
    case updated
    /// The incident has become worse.
    case worsened
    /// It has closed.
    case closed
    /// A heartbeat of the daemon instead of a step.
    case heartbeat

    fileprivate var rank: Int {
      switch self {
      case .heartbeat: 0
      case .opened: 1
      case .updated, .worsened: 2
      case .closed: 3
      }
    }
  }

  /// The event time of the step.
  public let at: Timestamp
  /// Identifies the subject: messages of one lane are sent one at a time, in order.
  public let lane: UInt64
  /// The id of the event or incident.
  public let event: String
  /// Which step.
  public let step: Step

  /// The entry for a step.
  /// - Parameters:
  ///   - subject: the subject, such as the metric's name; determines the lane.
  ///   - event: a UUID as text.
  public init(at: Timestamp, subject: String, event: String, step: Step) {
    self.at = at
    lane = OutboxEntry.hash(subject)
    self.event = event
    self.step = step
  }

  /// The same message as another step.
  public func sent(as step: Step) -> OutboxEntry {
    OutboxEntry(at: at, lane: lane, event: event, step: step)
  }

  private init(at: Timestamp, lane: UInt64, event: String, step: Step) {
    self.at = at
    self.lane = lane
    self.event = event
    self.step = step
  }

  /// Reads a ``fileName``; nil for any other name.
  public init?(fileName: String) {
    let parts = fileName.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 9, fileName.utf8.count < 160, let time = OutboxEntry.bits(parts[0]),
      let lane = OutboxEntry.bits(parts[1]), parts[8].hasSuffix(".json"),
      let step = Step(rawValue: String(parts[8].dropLast(5))), parts[7] == "\(step.rank)",
      parts[2...6].allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isHexDigit) })
    else { return nil }
    at = Timestamp(nanoseconds: Int64(bitPattern: time ^ OutboxEntry.sign))
    self.lane = lane
    event = parts[2...6].joined(separator: "-")
    self.step = step
  }

  /// The name of its file, such as
  /// `98e1…-5d20…-019aa2c4-5f10-7abc-8def-0123456789ab-1-opened.json`.
  public var fileName: String {
    let time = UInt64(bitPattern: at.nanoseconds) ^ OutboxEntry.sign
    return OutboxEntry.hex(time) + "-" + OutboxEntry.hex(lane) + "-" + event + "-\(step.rank)-"
      + step.rawValue + ".json"
  }

  /// Identifies this message, however often it is sent: the event's id, the step, and its time in
  /// milliseconds, as an event may open and close more than once.
  public var messageID: String { "\(event)-\(step.rawValue)-\(at.nanoseconds / 1_000_000)" }

  /// The subject of messages about an incident.
  public static func incidentSubject(_ id: String) -> String { "incident " + id }

  /// The subject of test events.
  public static let testSubject = "anomalyd.test"
  private static let testLane = hash(testSubject)
  /// Whether this is a test, which is sent immediately and only once, regardless of waiting
  /// messages.
  public var isTest: Bool { lane == OutboxEntry.testLane }

  /// The entry of a heartbeat: only the newest one is useful.
  public static func heartbeat(at moment: Timestamp) -> OutboxEntry {
    OutboxEntry(
      at: moment, subject: "heartbeat", event: "00000000-0000-0000-0000-000000000000",
      step: .heartbeat)
  }
  /// Whether it is one.
  public var isHeartbeat: Bool { step == .heartbeat }

  /// Whether `lhs` is sent first.
  public static func < (lhs: OutboxEntry, rhs: OutboxEntry) -> Bool {
    if lhs.at != rhs.at { return lhs.at < rhs.at }
    if lhs.lane != rhs.lane { return lhs.lane < rhs.lane }
    if lhs.event != rhs.event { return lhs.event < rhs.event }
    return lhs.step.rank < rhs.step.rank
  }

  /// Makes bit patterns sort like the numbers.
  private static let sign: UInt64 = 1 << 63

  private static func hex(_ bits: UInt64) -> String {
    let text = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private static func bits(_ text: Substring) -> UInt64? {
    text.count == 16 && text.allSatisfy(\.isHexDigit) ? UInt64(text, radix: 16) : nil
  }

  /// FNV-1a, 64 bits (Fowler, Noll, Vo).
  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
