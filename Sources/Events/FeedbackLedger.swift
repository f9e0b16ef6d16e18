import Detection
import Glibc
public import Series

/// What people have said about the events of one metric, and what that does to its detector.
///
/// A false alarm raises what the kinds of evidence behind it must exceed, on this metric alone, by
/// just so much that an event like it would not have opened: at most ``maximum`` decades a kind. A
/// confirmation takes half of what earlier false alarms had raised back, for the kinds that spoke.
/// Either fades with ``halfLife``, and goes at once when it is withdrawn. Nothing that was said
/// ever makes a detector more sensitive than its alarm budget.
public struct FeedbackLedger: Equatable, Sendable {
  /// What was said about an event.
  public enum Judgement: UInt8, CaseIterable, Sendable {
    /// Nothing was wrong.
    case falseAlarm = 0
    /// Something was wrong.
    case confirmed = 1
  }

  /// One judgement and what it does.
  public struct Entry: Equatable, Sendable {
    /// The event.
    public var event: EventID
    /// What was said about it.
    public var judgement: Judgement
    /// From when on it fades, in event time.
    public var at: Timestamp
    /// What it adds to the base of each kind of evidence at first, in decades; negative where it
    /// takes something back.
    public var decades: SIMD8<Float>
  }

  /// The most that a kind of evidence is ever raised by, in decades: about 1.5 decades of the score.
  public static let maximum: Float = 3.5
  /// The event time in which the effect of a judgement halves.
  public static let halfLife = Duration.seconds(14 * 86_400)
  /// The most judgements that are kept; beyond, the oldest goes.
  public static let maximumEntries = 32
  /// Half-lives after which a judgement is forgotten.
  private static let forgottenAfter = 8.0

  /// The judgements, oldest first.
  public private(set) var entries: [Entry] = []

  /// Nobody has said anything.
  public init() {}

  /// What each kind of evidence must exceed in addition, in decades, 0...``maximum``.
  public func offsets(at now: Timestamp) -> SIMD8<Float> {
    var sum = SIMD8<Float>()
    for entry in entries { sum += effect(of: entry, at: now) }
    return sum.clamped(
      lowerBound: SIMD8(repeating: 0), upperBound: SIMD8(repeating: FeedbackLedger.maximum))
  }

  /// What is left of an entry.
  public func effect(of entry: Entry, at now: Timestamp) -> SIMD8<Float> {
    entry.decades * Float(exp2(-max(0, FeedbackLedger.age(entry.at, now))))
  }

  /// Takes a judgement up, in place of an earlier one about the same event.
  /// - Parameters:
  ///   - evidence: how rare each kind of evidence was when the event opened, in decades.
  ///   - limit: what all kinds together may exceed without an alarm, in decades; see
  ///     ``ValueDetector/alarmHeadroom``.
  public mutating func note(
    _ judgement: Judgement, of event: EventID, evidence: SIMD8<Float>, limit: Float,
    at now: Timestamp
  ) {
    withdraw(event)
    entries.removeAll { FeedbackLedger.age($0.at, now) > FeedbackLedger.forgottenAfter }
    let before = offsets(at: now)
    let decades =
      switch judgement {
      case .falseAlarm:
        FeedbackLedger.increase(evidence, before: before, limit: limit)
      case .confirmed:
        (-before / 2).replacing(
          with: 0, where: Fusion.exceeding(evidence) .<= SIMD8(repeating: 0))
      }
    entries.append(Entry(event: event, judgement: judgement, at: now, decades: decades))
    if entries.count > FeedbackLedger.maximumEntries { entries.removeFirst() }
  }

  /// Forgets what was said about an event, with all that came of it.
  /// - Returns: whether anything was.
  @discardableResult
  public mutating func withdraw(_ event: EventID) -> Bool {
    let count = entries.count
    entries.removeAll { $0.event == event }
    return entries.count < count
  }

  /// What must be added to the bases so that `evidence` sums up to just less than `limit`.
  private static func increase(
    _ evidence: SIMD8<Float>, before: SIMD8<Float>, limit: Float
  ) -> SIMD8<Float> {
    let zero = SIMD8<Float>(repeating: 0)
    let room = SIMD8(repeating: maximum) - before
    let exceeding = Fusion.exceeding(evidence) - before
    let speaking = exceeding.replacing(with: zero, where: exceeding .< zero)
    let sum = speaking.sum()
    // A little more than needed, so that rounding does not decide.
    let target = limit - 0.01
    guard target > 0 else {
      // Then the loudest kind alone decides, even below its base.
      let above = exceeding - target
      return above.clamped(lowerBound: zero, upperBound: room)
    }
    guard sum > target else { return zero }
    return (speaking * ((sum - target) / sum)).clamped(lowerBound: zero, upperBound: room)
  }

  /// Half-lives from a moment to another.
  private static func age(_ then: Timestamp, _ now: Timestamp) -> Double {
    (now.seconds - then.seconds) / Double(halfLife.components.seconds)
  }
}

extension FeedbackLedger {
  /// Appends all entries.
  public func encode(to writer: inout ByteWriter) {
    writer.write(UInt8(entries.count))
    for entry in entries {
      writer.write(entry.event.high)
      writer.write(entry.event.low)
      writer.write(entry.judgement.rawValue)
      writer.write(entry.at.nanoseconds)
      for index in 0..<8 { writer.write(entry.decades[index]) }
    }
  }

  /// The ledger that ``encode(to:)`` wrote.
  /// - Throws: ``ByteReaderError`` for anything else.
  public init(from reader: inout ByteReader) throws(ByteReaderError) {
    let start = reader.offset
    let count = try reader.readUInt8()
    guard count <= FeedbackLedger.maximumEntries else {
      throw .outOfRange(offset: start, value: Int64(count))
    }
    for _ in 0..<count {
      let event = EventID(high: try reader.readUInt64(), low: try reader.readUInt64())
      let judgement: Judgement = try reader.readCase(Judgement.init(rawValue:))
      let at = try reader.readMoment()
      var decades = SIMD8<Float>()
      for index in 0..<8 {
        let offset = reader.offset
        let value = try reader.readFloat()
        guard abs(value) <= FeedbackLedger.maximum else {
          throw .outOfRange(offset: offset, value: Int64(exactly: value.rounded()) ?? 0)
        }
        decades[index] = value
      }
      entries.append(Entry(event: event, judgement: judgement, at: at, decades: decades))
    }
  }
}
