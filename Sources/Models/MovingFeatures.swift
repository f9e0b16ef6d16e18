import Glibc

/// What a classifier reads of a row: values, and how they and their changes stand against moving averages
/// of several lengths. No feature knows of a later row.
struct MovingFeatures {
  /// Rows of the moving averages; an average of fewer rows is their mean.
  private static let spans: [Float] = [10, 60, 240]
  /// Features are cut off here, so that one spike does not swamp the network.
  private static let largest: Float = 8

  private let columns: Int
  private var averages: [Float]
  private var swings: [Float]
  private var before: [Float]
  private var seen: Float = 0

  /// Features of a stretch that has not begun.
  init(columns: Int) {
    self.columns = columns
    averages = Array(repeating: 0, count: columns * MovingFeatures.spans.count)
    swings = Array(repeating: 0, count: columns * 2)
    before = Array(repeating: 0, count: columns)
  }

  /// Number of features of each column: value, change, level against each average and each average
  /// against the next longer one, recent size of changes against the usual one.
  static var perColumn: Int { 2 + spans.count + 1 }

  /// Number of features of a row.
  static func count(columns: Int, clockCount: Int) -> Int { perColumn * columns + clockCount }

  /// Writes the features of the next row of a tape.
  mutating func write(_ row: Int, of tape: RowTape, to place: UnsafeMutablePointer<Float>) {
    if tape.begins[row] { seen = 0 }
    seen += 1
    let spans = MovingFeatures.spans
    var next = place
    func put(_ value: Float) {
      next.pointee = max(-MovingFeatures.largest, min(MovingFeatures.largest, value))
      next += 1
    }
    for column in 0..<columns {
      let value = tape.filled[row * columns + column]
      let change = seen > 1 ? value - before[column] : 0
      before[column] = value
      put(value)
      put(change)
      var shorter = value
      for (index, span) in spans.enumerated() {
        let average = column * spans.count + index
        let share = max(1 / seen, 2 / (span + 1))
        averages[average] = seen > 1 ? averages[average] + share * (value - averages[average]) : value
        put(shorter - averages[average])
        shorter = averages[average]
      }
      for (index, span) in [spans[0], spans[spans.count - 1]].enumerated() {
        let share = max(1 / seen, 2 / (span + 1))
        let swing = column * 2 + index
        swings[swing] = seen > 1 ? swings[swing] + share * (abs(change) - swings[swing]) : 0
      }
      put(log((swings[column * 2] + 0.02) / (swings[column * 2 + 1] + 0.02)))
    }
    for feature in 0..<tape.clockCount { put(tape.clock[row * tape.clockCount + feature]) }
  }
}
