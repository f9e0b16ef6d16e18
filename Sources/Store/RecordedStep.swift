public import Detection
public import Events
public import Series

/// A step of an event as stored in the history.
public struct RecordedStep: Equatable, Sendable {
  /// Its number among all entries.
  public var sequence: UInt64
  /// The step, with the event as it was afterwards.
  public var transition: EventTransition
  /// When it was recorded, by the daemon's clock.
  public var recorded: Timestamp
  /// What muted it, such as the name of a silence; nil if outputs were notified.
  public var silence: String?
  /// Whether outputs were notified of the event's opening, by this step or an earlier one.
  public var isTold: Bool
  /// How rare each kind of evidence was at the opening, in decades; nil if there was none.
  public var evidence: EvidenceVector?

  /// A step with these facts.
  public init(
    sequence: UInt64, transition: EventTransition, recorded: Timestamp, silence: String? = nil,
    isTold: Bool = true, evidence: EvidenceVector? = nil
  ) {
    self.sequence = sequence
    self.transition = transition
    self.recorded = recorded
    self.silence = silence
    self.isTold = isTold
    self.evidence = evidence
  }

  /// In the first byte beside the kind of step; version 0.1 wrote 0 there, and builds before 0.2
  /// wrote 1, then 2, then 3.
  private static let formatVersion: UInt8 = 4

  func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: 1_500)
    let kind: UInt8 =
      switch transition {
      case .opened: 0
      case .updated: 1
      case .closed: 2
      }
    writer.write(RecordedStep.formatVersion << 4 | kind)
    writer.write(recorded.nanoseconds)
    writer.write(silence != nil)
    if let silence { writer.write(silence) }
    writer.write(isTold)
    writer.write(evidence != nil)
    evidence?.encode(to: &writer)
    writer.write(transition.event.metric.text)
    transition.event.encode(to: &writer)
    return writer.bytes
  }

  /// Decodes a payload, including that of version 0.1; nil if its format is unknown to this
  /// version.
  init?(sequence: UInt64, payload: [UInt8]) {
    var reader = ByteReader(payload)
    do {
      let first = try reader.readUInt8()
      let (version, kind) = (first >> 4, first & 15)
      guard version <= RecordedStep.formatVersion else { return nil }
      let recorded = Timestamp(nanoseconds: try reader.readInt64())
      let silence = try reader.readBool() ? try reader.readString() : nil
      let isTold = try reader.readBool()
      var evidence: EvidenceVector?
      if try reader.readBool() {
        evidence =
          version == 0 ? try EvidenceVector(format3: &reader) : try EvidenceVector(from: &reader)
      }
      let metric = try MetricName(validating: try reader.readString())
      let format: EventFormat =
        switch version {
        case 0, 1: .version01
        case 2: .withoutRecurrence
        case 3: .withoutColumns
        default: .current
        }
      let event = try Event(metric: metric, from: &reader, format: format)
      try reader.requireEnd()
      if version == 0, case .evidence(let cause) = event.cause {
        evidence = evidence?.assigned(to: cause.family)
      }
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
