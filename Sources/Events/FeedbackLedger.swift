public import Detection
import Glibc
public import Series

/// User feedback on the events of one metric, and its effect on the metric's detector.
///
/// A false alarm raises the offsets of the kinds of evidence behind it, on this metric only, by
/// just enough that an event like it would not have opened: at most ``maximum`` decades per kind. A
/// confirmation reverts half of the increases by earlier false alarms, for the kinds that counted.
/// Either fades with ``halfLife``, and ends when it is withdrawn. No feedback makes a detector more
/// sensitive than its alarm budget.
public struct FeedbackLedger: Equatable, Sendable {
  /// One judgement and its effect.
  public struct Entry: Equatable, Sendable {
    /// The event.
    public var event: EventID
    /// The judgement on it, not ``Judgement/withdrawn``.
    public var judgement: Judgement
    /// When it begins to fade, in event time.
    public var at: Timestamp
    /// The initial change of each kind's offset, in decades; negative if it reverts something.
    public var decades: EvidenceVector
  }

  /// Maximum offset of a kind of evidence, in decades: about 1.5 decades of the score.
  public static let maximum: Float = 3.5
  /// The event time in which the effect of a judgement halves.
  public static let halfLife = Duration.seconds(14 * 86_400)
  /// Maximum number of judgements kept; the oldest is dropped to make room.
  public static let maximumEntries = 32
  /// Half-lives after which a judgement is forgotten.
  private static let forgottenAfter = 8.0

  /// The judgements, oldest first.
  public private(set) var entries: [Entry] = []

  /// No judgements.
  public init() {}

  /// The additional offset of each kind of evidence, in decades, 0...``maximum``.
  public func offsets(at now: Timestamp) -> EvidenceVector {
    var sum = EvidenceVector(entries.last?.decades.family ?? .values)
    for entry in entries { sum.decades += effect(of: entry, at: now).decades }
    sum.decades.clamp(
      lowerBound: SIMD16(repeating: 0), upperBound: SIMD16(repeating: FeedbackLedger.maximum))
    return sum
  }

  /// The remaining effect of an entry.
  public func effect(of entry: Entry, at now: Timestamp) -> EvidenceVector {
    let left = Float(exp2(-max(0, FeedbackLedger.age(entry.at, now))))
    return EvidenceVector(entry.decades.family, decades: entry.decades.decades * left)
  }

  /// Adds a judgement, replacing an earlier one on the same event; ``Judgement/withdrawn`` only
  /// removes the earlier one.
  /// - Parameters:
  ///   - evidence: how rare each kind of evidence was when the event opened, in decades.
  ///   - limit: what all kinds together may exceed without an alarm, in decades; see
  ///     ``Detector/alarmHeadroom``.
  public mutating func note(
    _ judgement: Judgement, of event: EventID, evidence: EvidenceVector, limit: Float,
    at now: Timestamp
  ) {
    withdraw(event)
    guard judgement != .withdrawn else { return }
    entries.removeAll { FeedbackLedger.age($0.at, now) > FeedbackLedger.forgottenAfter }
    let before = offsets(at: now).decades
    let exceeding = Fusion.exceeding(evidence).decades
    let change =
      switch judgement {
      case .falseAlarm: FeedbackLedger.increase(exceeding, before: before, limit: limit)
      case .confirmed: (-before / 2).replacing(with: 0, where: exceeding .<= 0)
      case .withdrawn: SIMD16<Float>(repeating: 0)
      }
    let decades = EvidenceVector(evidence.family, decades: change)
    entries.append(Entry(event: event, judgement: judgement, at: now, decades: decades))
    if entries.count > FeedbackLedger.maximumEntries { entries.removeFirst() }
  }

  /// Removes the judgement on an event and its effect.
  /// - Returns: whether there was one.
  @discardableResult
  public mutating func withdraw(_ event: EventID) -> Bool {
    let count = entries.count
    entries.removeAll { $0.event == event }
    return entries.count < count
  }

  /// The increase of offsets that brings the sum of evidence just below `limit`.
  private static func increase(
    _ unraised: SIMD16<Float>, before: SIMD16<Float>, limit: Float
  ) -> SIMD16<Float> {
    let zero = SIMD16<Float>(repeating: 0)
    let room = SIMD16(repeating: maximum) - before
    let exceeding = unraised - before
    let counting = exceeding.replacing(with: zero, where: exceeding .< zero)
    let sum = counting.sum()
    // A little more than needed, so that rounding does not decide.
    let target = limit - 0.01
    guard target > 0 else {
      // In that case the strongest kind alone decides, even below its base.
      let above = exceeding - target
      return above.clamped(lowerBound: zero, upperBound: room)
    }
    guard sum > target else { return zero }
    return (counting * ((sum - target) / sum)).clamped(lowerBound: zero, upperBound: room)
  }

  /// Half-lives between two moments.
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
      entry.decades.encode(to: &writer)
    }
  }

  /// The ledger written by ``encode(to:)``.
  /// - Parameter is01: whether it was written by version 0.1, which only knew evidence on values.
  /// - Throws: ``ByteReaderError`` for anything else.
  public init(from reader: inout ByteReader, is01: Bool = false) throws(ByteReaderError) {
    let start = reader.offset
    let count = try reader.readUInt8()
    guard count <= FeedbackLedger.maximumEntries else {
      throw .outOfRange(offset: start, value: Int64(count))
    }
    for _ in 0..<count {
      let event = try EventID(from: &reader)
      let judgement = try reader.readCase { code -> Judgement? in
        code == Judgement.withdrawn.rawValue ? nil : Judgement(rawValue: code)
      }
      let at = try reader.readMoment()
      let offset = reader.offset
      let decades =
        is01 ? try EvidenceVector(format3: &reader) : try EvidenceVector(from: &reader)
      for lane in 0..<EvidenceVector.lanes {
        let value = decades.decades[lane]
        guard abs(value) <= FeedbackLedger.maximum else {
          throw .outOfRange(offset: offset, value: Int64(exactly: value.rounded()) ?? 0)
        }
      }
      entries.append(Entry(event: event, judgement: judgement, at: at, decades: decades))
    }
  }
}
