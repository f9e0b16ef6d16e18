import Series

/// The order of the rows of one series: whether each is later than the one before.
///
/// A row that is not is malformed, unless many follow that are in order among themselves: then the
/// clock was set back, and one row from the far future cannot block a source for good.
struct CSVTimeOrder {
  /// The judgement of a row.
  enum Outcome: Equatable {
    case accepted
    /// It is not later than the row before.
    case refused
    /// It is the last of so many refused rows that the clock must have been set back.
    case setBack(rows: Int)
  }

  /// The time of the last row that was accepted.
  var last: Timestamp?
  private var rowsBehind = 0
  private var lastBehind = Timestamp(nanoseconds: 0)

  /// Judges a row at `timestamp`, which becomes ``last`` only by assignment.
  @inline(__always)
  mutating func judge(_ timestamp: Timestamp) -> Outcome {
    guard let last, timestamp <= last else {
      rowsBehind = 0
      return .accepted
    }
    return judgeBehind(timestamp)
  }

  private mutating func judgeBehind(_ timestamp: Timestamp) -> Outcome {
    rowsBehind = rowsBehind > 0 && timestamp > lastBehind ? rowsBehind + 1 : 1
    lastBehind = timestamp
    guard rowsBehind > CSVLimits.rowsBehind else { return .refused }
    defer { rowsBehind = 0 }
    return .setBack(rows: rowsBehind - 1)
  }
}
