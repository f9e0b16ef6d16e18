public import Series

/// A user's judgement on an event.
public enum Judgement: UInt8, NamedCase {
  /// Nothing was wrong.
  case falseAlarm = 0
  /// Something was wrong.
  case confirmed = 1
  /// Earlier feedback is withdrawn.
  case withdrawn = 2

  /// The word used in messages.
  public var name: String {
    switch self {
    case .falseAlarm: "falseAlarm"
    case .confirmed: "confirmed"
    case .withdrawn: "withdrawn"
    }
  }
}

/// A user's feedback on an event.
public struct Feedback: Codable, Equatable, Sendable {
  /// The event.
  public var event: EventID
  /// The judgement.
  public var judgement: Judgement
  /// When it was given, by the daemon's clock.
  public var at: Timestamp
  /// The user id, on this host, of the person who gave it.
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

  /// All properties, as stored in the history.
  public func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: 64 + note.utf8.count)
    writer.write(event.high)
    writer.write(event.low)
    writer.write(judgement.rawValue)
    writer.write(at.nanoseconds)
    writer.write(user)
    writer.write(note)
    return writer.bytes
  }

  /// Decodes a payload, including that of version 0.1; nil if this version does not know its
  /// format.
  public init?(payload: [UInt8]) {
    var reader = ByteReader(payload)
    do {
      event = try EventID(from: &reader)
      judgement = try reader.readCase(Judgement.init(rawValue:))
      at = try reader.readMoment()
      user = try reader.readUInt32()
      note = try reader.readString()
      try reader.requireEnd()
    } catch {
      return nil
    }
  }
}
