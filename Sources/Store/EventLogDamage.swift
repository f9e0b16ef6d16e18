import Series

extension EventLogSegment.Scan {
  /// What the user is to know about a segment that was read.
  /// - Parameter path: of the segment.
  func notices(at path: String) -> [Notice] {
    var notices: [Notice] = []
    if let otherVersion {
      notices.append(
        Notice(
          .warning,
          "\(path): expected an event history of format version \(EventLogFormat.version), found "
            + "\(otherVersion); starting a new history, this part is left as it is"))
    }
    if damagedBytes > 0 {
      notices.append(
        Notice(
          .warning,
          "\(path): found \(damagedBytes) damaged bytes between entries; their content is lost, the "
            + "rest is used"))
    }
    if tornBytes > 0 {
      notices.append(
        Notice(
          .info,
          "\(path): expected a whole entry at the end, found \(tornBytes) bytes of an incomplete one, "
            + "as after a crash; truncated"))
    }
    return notices
  }
}
