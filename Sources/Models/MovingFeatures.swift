import Glibc
import Series

/// A classifier's features of a row: its values and their changes relative to moving averages of
/// several lengths, in units of how much they usually vary in this stretch. Levels and sizes that
/// differ from recording to recording do not matter. With a baseline, also relative to the first
/// rows of the stretch, which later rows do not change: a moving average adapts to an anomaly that
/// lasts. No feature uses later rows.
struct MovingFeatures {
  /// Lengths of the moving averages in rows; an average of fewer rows is their mean.
  private static let spans: [Float] = [10, 60, 240, 1000]
  /// Features are clipped here, so that one spike does not dominate the network.
  private static let largest: Float = 8
  /// Minimum deviation and minimum usual change, in standard units of the column.
  private static let leastDeviation: Float = 0.02
  private static let leastChange: Float = 0.01

  /// The moving averages of a column.
  private struct Column {
    var means = [Float](repeating: 0, count: MovingFeatures.spans.count)
    /// Mean squared distances from the longest average, over a shorter and the longest span.
    var recentSquare: Float = 0
    var usualSquare: Float = 0
    /// The last change, and mean sizes of changes over the shortest and the longest span.
    var change: Float = 0
    var recentChange: Float = 0
    var usualChange: Float = 0
    private var before: Float = 0
    /// Of the first rows of the stretch: mean value, variance and mean size of changes.
    private(set) var first = (value: Float(0), square: Float(0), change: Float(0))

    /// Adds a value, the `seen`th of its stretch.
    /// - Parameter isFirst: whether it belongs to the baseline.
    mutating func add(_ value: Float, seen: Float, isFirst: Bool) {
      if seen == 1 {
        first = (value, 0, 0)
        (recentSquare, usualSquare, recentChange, usualChange) = (0, 0, 0, 0)
        before = value
        for place in means.indices { means[place] = value }
      }
      func share(_ place: Int) -> Float { max(1 / seen, 2 / (MovingFeatures.spans[place] + 1)) }
      change = value - before
      before = value
      let distance = value - means[3]
      for place in means.indices { means[place] += share(place) * (value - means[place]) }
      recentSquare += share(1) * (distance * distance - recentSquare)
      usualSquare += share(3) * (distance * distance - usualSquare)
      recentChange += share(0) * (abs(change) - recentChange)
      usualChange += share(3) * (abs(change) - usualChange)
      guard isFirst else { return }
      let miss = value - first.value
      first.value += miss / seen
      first.square += (miss * (value - first.value) - first.square) / seen
      first.change += (abs(change) - first.change) / seen
    }

    mutating func code(
      _ coder: inout some StateCoder, hasBaseline: Bool
    ) throws(StateDecodingError) {
      try coder.code(&means)
      try coder.code(&recentSquare)
      try coder.code(&usualSquare)
      try coder.code(&change)
      try coder.code(&recentChange)
      try coder.code(&usualChange)
      try coder.code(&before)
      guard hasBaseline else { return }
      try coder.code(&first.value)
      try coder.code(&first.square)
      try coder.code(&first.change)
    }
  }

  private var columns: [Column]
  private var seen: Float = 0
  /// Rows of the baseline; 0: there is none.
  private let baseline: Float

  /// Features of a stretch that has not begun.
  init(columns: Int, plan: ModelPlan) {
    self.columns = Array(repeating: Column(), count: columns)
    baseline = Float(plan.baseline)
  }

  /// Number of features of each column.
  static func perColumn(_ plan: ModelPlan) -> Int { plan.baseline > 0 ? 12 : 8 }

  /// Number of features of a row.
  static func count(columns: Int, clockCount: Int, plan: ModelPlan) -> Int {
    perColumn(plan) * columns + clockCount
  }

  /// Writes the features of the next row of a tape.
  mutating func write(_ row: Int, of tape: RowTape, to place: UnsafeMutablePointer<Float>) {
    if tape.begins[row] { seen = 0 }
    seen += 1
    var next = place
    func put(_ value: Float) {
      next.pointee = max(-MovingFeatures.largest, min(MovingFeatures.largest, value))
      next += 1
    }
    for index in columns.indices {
      let value = tape.filled[row * columns.count + index]
      columns[index].add(value, seen: seen, isFirst: seen <= baseline)
      let column = columns[index]
      let deviation = column.usualSquare.squareRoot() + MovingFeatures.leastDeviation
      put((value - column.means[0]) / deviation)
      for shorter in 0..<(column.means.count - 1) {
        put((column.means[shorter] - column.means[shorter + 1]) / deviation)
      }
      put((column.means[1] - column.means[3]) / deviation)
      let least = MovingFeatures.leastChange
      put(column.change / (column.usualChange + least))
      put(log((column.recentChange + least) / (column.usualChange + least)))
      let square = MovingFeatures.leastDeviation * MovingFeatures.leastDeviation
      put(0.5 * log((column.recentSquare + square) / (column.usualSquare + square)))
      guard baseline > 0 else { continue }
      let spread = column.first.square.squareRoot() + MovingFeatures.leastDeviation
      for place in 0..<2 { put((column.means[place] - column.first.value) / spread) }
      put(log((column.recentChange + least) / (column.first.change + least)))
      put(0.5 * log((column.recentSquare + square) / (column.first.square + square)))
    }
    for feature in 0..<tape.clockCount { put(tape.clock[row * tape.clockCount + feature]) }
  }

  /// Reads or writes the moving averages.
  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    for index in columns.indices {
      try columns[index].code(&coder, hasBaseline: baseline > 0)
    }
    try coder.code(&seen)
  }
}
