import Detection
public import Events
public import Series

/// A step of an event as stored in the history.
public struct RecordedStep: Equatable, Sendable {
  /// Its number among all entries.
  public var sequence: UInt64
  /// The step, with the event as it was after it.
  public var transition: EventTransition
  /// When it was recorded, by the daemon's clock.
  public var recorded: Timestamp
  /// What muted it, such as the name of a silence; nil: outputs were notified.
  public var silence: String?
  /// Whether outputs were notified of the event's opening, by this step or an earlier one.
  public var isTold: Bool
  /// How rare each kind of evidence was at the opening, in decades; nil if there was none.
  public var evidence: SIMD8<Float>?

  /// A step with these facts.
  public init(
    sequence: UInt64, transition: EventTransition, recorded: Timestamp, silence: String? = nil,
    isTold: Bool = true, evidence: SIMD8<Float>? = nil
  ) {
    self.sequence = sequence
    self.transition = transition
    self.recorded = recorded
    self.silence = silence
    self.isTold = isTold
    self.evidence = evidence
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: 1_500)
    let kind: UInt8 =
      switch transition {
      case .opened: 0
      case .updated: 1
      case .closed: 2
      }
    writer.write(kind)
    writer.write(recorded.nanoseconds)
    writer.write(silence != nil)
    if let silence { writer.write(silence) }
    writer.write(isTold)
    writer.write(evidence != nil)
    if let evidence { for index in 0..<8 { writer.write(evidence[index]) } }
    writer.write(transition.event.metric.text)
    transition.event.encode(to: &writer)
    return writer.bytes
  }

  /// Decodes a payload; nil if it has no form known to this version.
  init?(sequence: UInt64, payload: [UInt8]) {
    var reader = ByteReader(payload)
    do {
      let kind = try reader.readUInt8()
      let recorded = Timestamp(nanoseconds: try reader.readInt64())
      let silence = try reader.readBool() ? try reader.readString() : nil
      let isTold = try reader.readBool()
      var evidence: SIMD8<Float>?
      if try reader.readBool() {
        var decades = SIMD8<Float>()
        for index in 0..<8 { decades[index] = try reader.readFloat() }
        evidence = decades
      }
      let metric = try MetricName(validating: try reader.readString())
      let event = try Event(metric: metric, from: &reader)
      try reader.requireEnd()
      let transition: EventTransition
      switch kind {
      case 0: transition = .opened(event)
      case 1: transition = .updated(event)
      case 2: transition = .closed(event)
      default: return nil
      }
      self.init(
        sequence: sequence, transition: transition, recorded: recorded, silence: silence,
        isTold: isTold, evidence: evidence)
    } catch {
      return nil
    }
  }
}

/// A user's feedback about an event.
public struct RecordedFeedback: Equatable, Sendable {
  /// The judgement.
  public enum Judgement: UInt8, CaseIterable, Sendable {
    /// Nothing was wrong.
    case falseAlarm = 0
    /// Something was wrong.
    case confirmed = 1
    /// Earlier feedback is withdrawn.
    case withdrawn = 2
  }

  /// The event.
  public var event: EventID
  /// The judgement.
  public var judgement: Judgement
  /// When it was given, by the daemon's clock.
  public var at: Timestamp
  /// The user id on this host of who gave it.
  public var user: UInt32
  /// That user's note; may be empty.
  public var note: String

  /// The longest note in bytes.
  public static let maximumNoteBytes = 1_000

  /// Creates feedback.
  public init(
    event: EventID, judgement: Judgement, at: Timestamp, user: UInt32, note: String
  ) {
    self.event = event
    self.judgement = judgement
    self.at = at
    self.user = user
    self.note = note
  }

  func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + note.utf8.count)
    writer.write(event.high)
    writer.write(event.low)
    writer.write(judgement.rawValue)
    writer.write(at.nanoseconds)
    writer.write(user)
    writer.write(note)
    return writer.bytes
  }

  /// Decodes a payload; nil if it has no form known to this version.
  init?(payload: [UInt8]) {
    var reader = ByteReader(payload)
    do {
      event = EventID(high: try reader.readUInt64(), low: try reader.readUInt64())
      guard let judgement = Judgement(rawValue: try reader.readUInt8()) else { return nil }
      self.judgement = judgement
      at = Timestamp(nanoseconds: try reader.readInt64())
      user = try reader.readUInt32()
      note = try reader.readString()
      try reader.requireEnd()
    } catch {
      return nil
    }
  }
}
