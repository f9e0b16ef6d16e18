import Series

/// Decides when an open event deserves an update, so that updates never flood: when it has become
/// clearly worse, and after 1 h, 4 h, and then daily, all in event time.
struct UpdatePacing: Equatable, Sendable {
  /// By how many decades the peak must have risen since the last update.
  private static let clearlyWorse: Float = 1
  /// Minimum time between two updates, unless the severity has risen.
  private static let leastPause = Duration.seconds(60)
  /// The ages at which an event is updated before daily updates begin.
  private static let firstAges: [Duration] = [.seconds(3600), .seconds(4 * 3600)]
  private static let day: Int64 = 86_400

  private var reportedScore: Float
  private var reportedSeverity: Severity
  private var reportedAt: Timestamp

  /// The pacing of an event first reported at `moment`.
  init(of event: Event, at moment: Timestamp) {
    reportedScore = event.peakScore
    reportedSeverity = event.severity
    reportedAt = moment
  }

  /// The reason for an update of `event`, abnormal at `moment`, that is due then; nil if none is
  /// due.
  func due(_ event: Event, at moment: Timestamp) -> EventUpdate? {
    if event.severity > reportedSeverity { return .worse }
    if event.peakScore >= reportedScore + UpdatePacing.clearlyWorse,
      moment.elapsed(since: reportedAt) >= UpdatePacing.leastPause
    {
      return .worse
    }
    return moment >= next(event) ? .ongoing : nil
  }

  /// Records an update at `moment`, for whatever reason.
  mutating func noteUpdate(_ event: Event, at moment: Timestamp) {
    self = UpdatePacing(of: event, at: moment)
  }

  /// When the next update is due if the event does not become worse. After a gap in the data, one
  /// update replaces all that were due in it.
  private func next(_ event: Event) -> Timestamp {
    let age = reportedAt.elapsed(since: event.opened)
    let first = UpdatePacing.firstAges.first { age < $0 }
    let days = age.components.seconds / UpdatePacing.day + 1
    return event.opened.advanced(by: first ?? .seconds(days * UpdatePacing.day))
  }

  func encode(to writer: inout ByteWriter) {
    writer.write(reportedScore)
    writer.write(reportedSeverity.rawValue)
    writer.write(reportedAt.nanoseconds)
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    reportedScore = try reader.readFloat()
    reportedSeverity = try reader.readCase(Severity.init(rawValue:))
    reportedAt = try reader.readMoment()
  }
}
