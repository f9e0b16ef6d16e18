internal import Glibc
public import Series

/// The label of one anomaly: the interval in which an alarm counts as a hit.
public struct NABWindow: Equatable, Sendable {
  /// Time stamp of its first row.
  public var first: Timestamp
  /// Time stamp of its last row, inclusive.
  public var last: Timestamp

  /// The window from `first` to `last`, both inclusive.
  public init(first: Timestamp, last: Timestamp) {
    self.first = first
    self.last = last
  }
}

/// Why labels do not match their series.
public enum NABLabelError: Error, Equatable, CustomStringConvertible {
  /// An edge of a window is not the time stamp of exactly one row.
  case edgeNotARow(series: String, edge: Timestamp, rows: Int)
  /// A window ends before it begins, or begins before its predecessor has ended.
  case disorder(series: String, window: NABWindow)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .edgeNotARow(let series, let edge, let rows):
      "\(series): a label's edge must be the time stamp of exactly one row, but \(edge.iso8601) "
        + "is that of \(rows)"
    case .disorder(let series, let window):
      "\(series): labels must follow each other without overlap, but the one from "
        + "\(window.first.iso8601) to \(window.last.iso8601) does not"
    }
  }
}

/// One labelled series as seen by the Numenta Anomaly Benchmark: rows, windows, probation.
///
/// Scoring function: Lavin and Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms - the
/// Numenta Anomaly Benchmark", ICMLA 2015 (doi:10.1109/ICMLA.2015.141), as version 1.1 of the
/// benchmark's program computes it.
public struct NABSeries: Equatable, Sendable {
  /// Its path below `data/`, such as `realKnownCause/nyc_taxi.csv`.
  public let name: String
  /// Number of rows.
  public let rowCount: Int
  /// The rows of each window, ascending; two may share an edge row.
  public let windows: [ClosedRange<Int>]

  /// A series whose rows carry `timestamps`, with its labels in any order.
  /// - Throws: ``NABLabelError`` if a label's edge is not a row, or labels overlap.
  public init(
    name: String,
    timestamps: [Timestamp],
    windows: [NABWindow]
  ) throws(NABLabelError) {
    func row(of edge: Timestamp) throws(NABLabelError) -> Int {
      let rows = timestamps.indices.filter { timestamps[$0] == edge }
      guard rows.count == 1 else {
        throw .edgeNotARow(series: name, edge: edge, rows: rows.count)
      }
      return rows[0]
    }
    var found: [ClosedRange<Int>] = []
    for window in windows.sorted(by: { $0.first < $1.first }) {
      let first = try row(of: window.first)
      let last = try row(of: window.last)
      guard first <= last, found.last.map({ $0.upperBound <= first }) ?? true else {
        throw .disorder(series: name, window: window)
      }
      found.append(first...last)
    }
    self.name = name
    self.rowCount = timestamps.count
    self.windows = found
  }

  /// Rows at the start that are never scored: 15% of the series, at most 750.
  public var probation: Int { min(rowCount * 15 / 100, 750) }

  /// Windows that extend beyond the probation and so can be hit or missed.
  public var scorableWindows: Int { windows.count { $0.upperBound >= probation } }

  /// The effect of an alarm at `row`, before any profile's weights.
  func meaning(of row: Int) -> NABMeaning {
    precondition((0..<rowCount).contains(row), "a row of the series")
    guard row >= probation else { return .unscored }
    guard let index = windows.lastIndex(where: { $0.lowerBound <= row }) else {
      return .falseAlarm(penalty: -1)
    }
    let window = windows[index]
    if row <= window.upperBound {
      let position = -Double(window.upperBound - row + 1) / Double(window.count)
      return .hit(window: index, reward: scaledSigmoid(position) / scaledSigmoid(-1))
    }
    let distance = Double(row - window.upperBound) / Double(window.count - 1)
    return .falseAlarm(penalty: scaledSigmoid(distance))
  }
}

/// The effect of an alarm at one row.
enum NABMeaning: Equatable {
  /// It is in the probation.
  case unscored
  /// It is in a window; `reward` is 1 at the left edge and approaches 0 at the right one.
  case hit(window: Int, reward: Double)
  /// It is outside; `penalty` is near 0 just after a window and -1 far from all of them.
  case falseAlarm(penalty: Double)
}

/// The benchmark's scoring function.
/// - Parameter position: in units of a window's width, 0 at its right edge, -1 at its left one.
/// - Returns: 0.98661 at the left edge, 0 at the right one, -1 more than three widths after it.
func scaledSigmoid(_ position: Double) -> Double {
  position > 3 ? -1 : 2 / (1 + exp(5 * position)) - 1
}
