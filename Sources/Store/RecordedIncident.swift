public import Events
public import Series

/// A step of an incident as stored in the history.
public struct RecordedIncident: Equatable, Sendable {
  /// Its number among all entries.
  public var sequence: UInt64
  /// The step, with the incident as it was afterwards.
  public var transition: IncidentTransition
  /// When it was recorded, by the daemon's clock.
  public var recorded: Timestamp

  /// A step with these facts.
  public init(sequence: UInt64, transition: IncidentTransition, recorded: Timestamp) {
    self.sequence = sequence
    self.transition = transition
    self.recorded = recorded
  }

  /// Whether the incident is open.
  public var isOpen: Bool {
    if case .closed = transition { false } else { true }
  }

  /// In the first byte beside the kind of step; version 1 had events without columns.
  private static let formatVersion: UInt8 = 2

  func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: 3_000)
    let kind: UInt8 =
      switch transition {
      case .opened: 0
      case .worsened: 1
      case .closed: 2
      }
    writer.write(RecordedIncident.formatVersion << 4 | kind)
    writer.write(recorded.nanoseconds)
    transition.incident.encode(to: &writer)
    return writer.bytes
  }

  /// Decodes a payload; nil if its format is unknown to this version.
  init?(sequence: UInt64, payload: [UInt8]) {
    var reader = ByteReader(payload)
    do {
      let first = try reader.readUInt8()
      let version = first >> 4
      guard (1...RecordedIncident.formatVersion).contains(version) else { return nil }
      let recorded = Timestamp(nanoseconds: try reader.readInt64())
      let incident = try Incident(
        from: &reader, events: version == 1 ? .withoutColumns : .current)
      try reader.requireEnd()
      let transition: IncidentTransition
      switch first & 15 {
      case 0: transition = .opened(incident)
      case 1: transition = .worsened(incident)
      case 2: transition = .closed(incident)
      default: return nil
      }
      self.init(sequence: sequence, transition: transition, recorded: recorded)
    } catch {
      return nil
    }
  }
}

/// A step in the history.
public enum RecordedEntry: Equatable, Sendable {
  /// Of an event.
  case event(RecordedStep)
  /// Of an incident.
  case incident(RecordedIncident)

  /// Its number among all entries.
  public var sequence: UInt64 {
    switch self {
    case .event(let step): step.sequence
    case .incident(let step): step.sequence
    }
  }

  /// The step of an event; nil for one of an incident.
  public var event: RecordedStep? {
    if case .event(let step) = self { step } else { nil }
  }

  /// The id of the event or the incident.
  var id: EventID {
    switch self {
    case .event(let step): step.transition.event.id
    case .incident(let step): step.transition.incident.id
    }
  }

  /// Decodes an entry of the log; nil if it is not a step, or its format is unknown to this
  /// version.
  init?(kind: UInt8, sequence: UInt64, payload: [UInt8]) {
    switch EventEntryKind(rawValue: kind) {
    case .step:
      guard let step = RecordedStep(sequence: sequence, payload: payload) else { return nil }
      self = .event(step)
    case .incident:
      guard let step = RecordedIncident(sequence: sequence, payload: payload) else { return nil }
      self = .incident(step)
    default: return nil
    }
  }
}
