import Networks
import Series

/// The value, or the mean of the last three, is far from every earlier one.
struct ValueEvidence: EvidenceSource {
  static let single = EvidenceKind(
    id: 5, family: .values, lane: 5, name: "value",
    explanation: "the value is far from every value seen before", pace: .slow, offset: 0.7)
  static let mean = EvidenceKind(
    id: 6, family: .values, lane: 6, name: "value3",
    explanation: "the last 3 values are far from every level seen before", pace: .slow, offset: 0.7)
  static let kinds = [single, mean]
  /// Samples before the distance to the nearest value is meaningful.
  private static let needed = 16

  private var values: ValueMemory
  private var means: ValueMemory

  init(_ cursor: inout MemoryCursor) {
    values = ValueMemory(lag: 1, values: cursor.take(ValueMemory.floatCount))
    means = ValueMemory(lag: 3, values: cursor.take(ValueMemory.floatCount))
  }

  mutating func weigh(_ input: ValueInput, _ scales: inout Scales) {
    let distance = values.distance(Float(input.x), learns: scales.learns)
    let meanDistance = means.distance(Float(input.meanOfThree), learns: scales.learns)
    guard input.seen >= ValueEvidence.needed else { return }
    scales.weigh(ValueEvidence.single, Double(distance))
    scales.weigh(ValueEvidence.mean, Double(meanDistance))
  }

  var range: (least: Float, greatest: Float)? { (values.least, values.greatest) }

  func prefetch(_ stage: PrefetchStage) {
    guard stage == .longMemories else { return }
    values.prefetch()
    means.prefetch()
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try values.code(&coder)
    try means.code(&coder)
  }
}

/// Remembers the values of a series, on a grid of 1/256 of their range.
///
/// A value enters a few samples late, so that a new level is not its own precedent, and only if it
/// is farther than the grid spacing from its nearest neighbour; when the table is full it is
/// thinned to the grid of the present range.
package struct ValueMemory {
  /// Most values remembered.
  package static let capacity = 272
  /// Grid cells over the range.
  private static let cells: Float = 256
  /// Floats of memory: one more than the capacity, for the moment before thinning.
  package static let floatCount = capacity + 1

  private let values: UnsafeMutablePointer<Float>
  private let lag: Int
  private var count = 0
  /// The smallest value remembered so far, whether or not it is still in the table.
  private(set) var least: Float = 0
  /// The largest one.
  private(set) var greatest: Float = 0
  private var delayed = InlineArray<4, Float>(repeating: 0)
  private var waiting = 0

  /// An empty memory in ``floatCount`` floats at `values`; a value is compared with those at least
  /// `lag` + 1 samples older (`lag` 1...3).
  package init(lag: Int, values: UnsafeMutablePointer<Float>) {
    precondition((1...3).contains(lag), "a value memory delays by one to three samples")
    self.lag = lag
    self.values = values
  }

  /// Appends one value.
  /// - Parameter learns: whether the value will be remembered.
  /// - Returns: distance to the nearest remembered value; 0 while there is none.
  package mutating func distance(_ value: Float, learns: Bool = true) -> Float {
    if learns, waiting > lag {
      let oldest = delayed[0]
      for index in 0..<lag { delayed[index] = delayed[index + 1] }
      waiting = lag
      remember(oldest)
    }
    let distance = nearest(value)
    if learns {
      delayed[waiting] = value
      waiting += 1
    }
    return distance
  }

  /// Prefetches the values.
  func prefetch() { Memory.prefetch(values, count: count) }

  /// Index of the first remembered value that is not below `value`.
  private func lowerBound(_ value: Float) -> Int {
    var low = 0
    var length = count
    while length > 0 {
      let half = length / 2
      if values[low + half] < value {
        low += half + 1
        length -= half + 1
      } else {
        length = half
      }
    }
    return low
  }

  private func nearest(_ value: Float) -> Float {
    guard count > 0 else { return 0 }
    let place = lowerBound(value)
    var distance = Float(1e30)
    if place < count { distance = min(distance, values[place] - value) }
    if place > 0 { distance = min(distance, value - values[place - 1]) }
    return distance
  }

  private mutating func remember(_ value: Float) {
    if count == 0 {
      least = value
      greatest = value
    }
    least = min(least, value)
    greatest = max(greatest, value)
    let grid = (greatest - least) / ValueMemory.cells
    guard count == 0 || nearest(value) > grid else { return }
    let place = lowerBound(value)
    (values + place + 1).update(from: values + place, count: count - place)
    values[place] = value
    count += 1
    if count > ValueMemory.capacity { thin(to: grid) }
  }

  private mutating func thin(to grid: Float) {
    var kept = 0
    var last = -Float(1e30)
    for index in 0..<count where values[index] - last > grid {
      last = values[index]
      values[kept] = last
      kept += 1
    }
    count = min(kept, ValueMemory.capacity - 1)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&count, in: 0...ValueMemory.capacity, "remembered values")
    try coder.code(&least)
    try coder.code(&greatest)
    for index in 0..<4 { try coder.code(&delayed[index]) }
    try coder.code(&waiting, in: 0...(lag + 1), "delayed values")
    try coder.code(floats: values, count: ValueMemory.floatCount)
  }
}
