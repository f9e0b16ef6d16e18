import Detection
public import Events
public import Series

/// A step in the life of an event as the record has it.
public struct RecordedStep: Equatable, Sendable {
  /// Its place in the order of all entries.
  public var sequence: UInt64
  /// The step, with the event as it stood after it.
  public var transition: EventTransition
  /// When it was recorded, by the daemon's clock.
  public var recorded: Timestamp
  /// What kept outputs from hearing of it, such as the name of a silence; nil: they were told.
  public var silence: String?
  /// Whether outputs have heard of the event's opening, with this step or before it.
  public var isTold: Bool
  /// How rare each kind of evidence was at the opening, in decades; nil where there was none.
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

  /// The step in a payload; nil where it is none that this version knows.
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

/// What a person has said about an event.
public struct RecordedFeedback: Equatable, Sendable {
  /// What was said.
  public enum Judgement: UInt8, CaseIterable, Sendable {
    /// Nothing was wrong.
    case falseAlarm = 0
    /// Something was wrong.
    case confirmed = 1
    /// What was said before is taken back.
    case withdrawn = 2
  }

  /// About which event.
  public var event: EventID
  /// What was said.
  public var judgement: Judgement
  /// When, by the daemon's clock.
  public var at: Timestamp
  /// By whom: a user id of this host.
  public var user: UInt32
  /// In that person's words; empty where there are none.
  public var note: String

  /// The longest note in bytes.
  public static let maximumNoteBytes = 1_000

  /// Feedback with these facts.
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

  /// The feedback in a payload; nil where it is none that this version knows.
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
