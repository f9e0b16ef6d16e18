import Series

/// Decides when an open event is worth telling again, so that it never floods: when it has become
/// clearly worse, and after 1 h, 4 h, and then every day that it stays open, all in event time.
struct UpdatePacing: Equatable, Sendable {
  /// By how many decades the peak must have risen since it was last told.
  private static let clearlyWorse: Float = 1
  /// The least time between two updates, unless the severity has risen.
  private static let leastPause = Duration.seconds(60)
  private static let firstPause = Duration.seconds(3600)
  private static let growth = 4
  private static let longestPause = Duration.seconds(86_400)

  private(set) var toldScore: Float
  private(set) var toldSeverity: Severity
  private(set) var toldAt: Timestamp
  private(set) var nextAt: Timestamp
  private(set) var pause: Duration

  /// The pacing of an event that has just been told.
  init(of event: Event, at moment: Timestamp) {
    toldScore = event.peakScore
    toldSeverity = event.severity
    toldAt = moment
    pause = UpdatePacing.firstPause
    nextAt = event.opened.advanced(by: pause)
  }

  /// Why `event` is to be told at `moment`; nil when it is not.
  mutating func due(_ event: Event, at moment: Timestamp) -> EventUpdate? {
    if event.severity > toldSeverity { return told(event, .worse, at: moment) }
    if event.peakScore >= toldScore + UpdatePacing.clearlyWorse,
      moment.elapsed(since: toldAt) >= UpdatePacing.leastPause
    {
      return told(event, .worse, at: moment)
    }
    guard moment >= nextAt else { return nil }
    return told(event, .ongoing, at: moment)
  }

  /// Notes that the event is told now, for whatever reason.
  mutating func told(_ event: Event, _ update: EventUpdate, at moment: Timestamp) -> EventUpdate {
    toldScore = event.peakScore
    toldSeverity = event.severity
    toldAt = moment
    // After a gap in the data, one update stands for all that were due in it.
    while nextAt <= moment, pause < UpdatePacing.longestPause {
      pause = min(UpdatePacing.longestPause, pause * UpdatePacing.growth)
      nextAt = event.opened.advanced(by: pause)
    }
    if nextAt <= moment { nextAt = moment.advanced(by: UpdatePacing.longestPause) }
    return update
  }

  func encode(to writer: inout ByteWriter) {
    writer.write(toldScore)
    writer.write(toldSeverity.rawValue)
    writer.write(toldAt.nanoseconds)
    writer.write(nextAt.nanoseconds)
    writer.write(pause.components.seconds)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    toldScore = try reader.readFloat()
    toldSeverity = try reader.readCase(Severity.init(rawValue:))
    toldAt = try reader.readMoment()
    nextAt = try reader.readMoment()
    let offset = reader.offset
    let seconds = try reader.readInt64()
    guard (1...UpdatePacing.longestPause.components.seconds).contains(seconds) else {
      throw .outOfRange(offset: offset, value: seconds)
    }
    pause = .seconds(seconds)
  }
}
