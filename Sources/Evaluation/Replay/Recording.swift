public import Monitor
public import Series

/// A recording of one source, read row by row.
public protocol Recording: AnyObject {
  /// Its name, which distinguishes it from the other recordings of a replay.
  var name: String { get }
  /// Advances to the next row.
  /// - Returns: the time of the row; nil at the end.
  /// - Throws: if it cannot be read any further.
  func next() throws -> Timestamp?
  /// Delivers the row to the monitor.
  /// - Parameter moment: the row's time, which differs from its own if recordings are shifted.
  func deliver(at moment: Timestamp, into sink: InputSink)
}
