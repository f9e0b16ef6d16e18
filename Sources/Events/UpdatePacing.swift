import Series

/// Decides when an open event is worth telling again, so that it never floods: when it has become
/// clearly worse, and after 1 h, 4 h, and then every day that it goes on, all in event time.
struct UpdatePacing: Equatable, Sendable {
  /// By how many decades the peak must have risen since it was last told.
  private static let clearlyWorse: Float = 1
  /// The least time between two updates, unless the severity has risen.
  private static let leastPause = Duration.seconds(60)
  /// The ages at which an event is told before it is told every day.
  private static let firstAges: [Duration] = [.seconds(3600), .seconds(4 * 3600)]
  private static let day: Int64 = 86_400

  private var toldScore: Float
  private var toldSeverity: Severity
  private var toldAt: Timestamp

  /// The pacing of an event that is told at `moment` for the first time.
  init(of event: Event, at moment: Timestamp) {
    toldScore = event.peakScore
    toldSeverity = event.severity
    toldAt = moment
  }

  /// Why `event`, abnormal at `moment`, is to be told then; nil when it is not.
  func due(_ event: Event, at moment: Timestamp) -> EventUpdate? {
    if event.severity > toldSeverity { return .worse }
    if event.peakScore >= toldScore + UpdatePacing.clearlyWorse,
      moment.elapsed(since: toldAt) >= UpdatePacing.leastPause
    {
      return .worse
    }
    return moment >= next(event) ? .ongoing : nil
  }

  /// Notes that the event is told at `moment`, for whatever reason.
  mutating func noteTold(_ event: Event, at moment: Timestamp) {
    self = UpdatePacing(of: event, at: moment)
  }

  /// When the event is to be told if it does not become worse. After a gap in the data, one update
  /// stands for all that were due in it.
  private func next(_ event: Event) -> Timestamp {
    let age = toldAt.elapsed(since: event.opened)
    let first = UpdatePacing.firstAges.first { age < $0 }
    let days = age.components.seconds / UpdatePacing.day + 1
    return event.opened.advanced(by: first ?? .seconds(days * UpdatePacing.day))
  }

  func encode(to writer: inout ByteWriter) {
    writer.write(toldScore)
    writer.write(toldSeverity.rawValue)
    writer.write(toldAt.nanoseconds)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    toldScore = try reader.readFloat()
    toldSeverity = try reader.readCase(Severity.init(rawValue:))
    toldAt = try reader.readMoment()
  }
}
