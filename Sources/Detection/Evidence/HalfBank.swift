import CKernels
import Networks
import Series

/// The newest values of a series as IEEE halves, in a ring.
///
/// A half has 11 bits and its resolution is best near 0, so each value is stored as its distance
/// from a centre, in units of a scale. The first value is the centre. The scale is a power of two,
/// set by the first change and raised whenever a value would not fit. Raising it loses no
/// precision: a half covers eight decades below the largest value that fits, so a spike does not
/// coarsen what follows. Only if most changes in ``period`` consecutive values are lost in
/// rounding, as after a lasting shift by hundreds of usual changes, is the bank encoded again
/// around the newest value. Until then equal values are equal halves: a distance of 0 stays 0.
/// Differences that rounding alone can produce do not count.
struct HalfBank {
  /// Values between two checks of how many changes were lost.
  static let period = 64
  /// A change is lost if it is smaller than this many rounding errors.
  private static let drowning = 16.0
  /// A change below this share of the value is the rounding error of the sums that the value was
  /// computed from.
  private static let noise = 0x1p-46
  /// The first change, and a value that raises the scale, in stored units.
  private static let firstChange = 0x1p-4
  private static let raised = 0x1p14
  /// The largest half, and the step between the smallest ones.
  private static let largest = Double(Float16.greatestFiniteMagnitude)
  private static let smallestStep = 0x1p-24
  /// Maximum rounding error of a half, and maximum step between neighbours, as shares of it.
  private static let rounding = 0x1p-11
  private static let step = 0x1p-10
  /// Number of new values after which the imprecise ones from before a re-encoding are no longer
  /// the nearest.
  private static let recovery: Int32 = 256

  private let halves: UnsafeMutablePointer<UInt16>
  private let capacity: Int32
  /// Halves of the beginning that are repeated after the end, so that windows are contiguous.
  private let overlap: Int32
  /// Values appended so far.
  private(set) var count = 0
  private var centre = 0.0
  /// The metric's units in one stored unit; 0 until the series has moved.
  private var scale = 0.0
  private var last = 0.0
  /// Uncertainty of values stored before the bank was re-encoded, in the metric's unit.
  private var blur = 0.0
  /// Values until that uncertainty no longer matters.
  private var blurred: Int32 = 0
  private var drowned: Int32 = 0

  /// An empty bank for `capacity` values in `capacity + overlap` halves at `halves`.
  init(halves: UnsafeMutablePointer<UInt16>, capacity: Int, overlap: Int) {
    self.halves = halves
    self.capacity = Int32(capacity)
    self.overlap = Int32(overlap)
  }

  /// Prefetches the values.
  func prefetch() { Memory.prefetch(halves, count: min(count, Int(capacity))) }

  /// Appends one value; a full bank drops the oldest.
  mutating func append(_ value: Double, scratch: TrainingScratch) {
    if count == 0 {
      centre = value
      last = value
    }
    var change = abs(value - last)
    if change <= HalfBank.noise * max(abs(value), abs(last)) { change = 0 }
    last = value
    if change > 0 { fit(value, change, scratch) }
    let stored = put(value)
    count += 1
    if blurred > 0 { blurred -= 1 }
    let error = abs(value - (centre + stored * scale))
    if change > 0, error * HalfBank.drowning > change { drowned += 1 }
    guard count % HalfBank.period == 0 else { return }
    if 2 * drowned >= HalfBank.period { storeAnew(around: value, change, scratch) }
    drowned = 0
  }

  /// The root of the smallest mean squared difference between the newest `length` values and any
  /// earlier `length` values that end at least `exclusion` values back, minus the possible effect
  /// of rounding. There must be at least `length + exclusion` values.
  func nearest(length: Int, exclusion: Int, scratch: TrainingScratch) -> Float {
    let table = scratch.kernels.table
    let capacity = Int(capacity)
    let held = min(count, capacity)
    let oldest = count > capacity ? count % capacity : 0
    let newest = (oldest + held - length) % capacity
    let starts = held - length - exclusion + 1
    let first = min(starts, capacity - oldest)
    let window = scratch.window
    table.pointee.widen_halves(window, halves + newest, Int32(length))
    var least = table.pointee.nearest_window_half(
      halves + oldest, Int32(first), window, Int32(length))
    if starts > first {
      least = min(
        least,
        table.pointee.nearest_window_half(halves, Int32(starts - first), window, Int32(length)))
    }
    var greatest: Float = 0
    for place in 0..<length { greatest = max(greatest, abs(window[place])) }
    let step = Double(greatest) * HalfBank.step * scale
    let doubt = blurred > 0 ? max(step, blur) : step
    let square = Double(least) / Double(length) * scale * scale
    return Float(max(0, square - doubt * doubt).squareRoot())
  }

  /// Sets the scale, or raises it, so that `value` fits.
  private mutating func fit(_ value: Double, _ change: Double, _ scratch: TrainingScratch) {
    let distance = abs(value - centre)
    if scale == 0 { scale = change.binade / HalfBank.firstChange }
    if distance > HalfBank.largest * scale {
      store(around: centre, scale: distance.binade / HalfBank.raised, scratch)
    }
  }

  /// - Returns: the stored form of `value`.
  private func put(_ value: Double) -> Double {
    let limit = HalfBank.largest
    let stored = scale > 0 ? Float16(max(-limit, min(limit, (value - centre) / scale))) : 0
    let place = count % Int(capacity)
    halves[place] = stored.bitPattern
    if place < overlap { halves[Int(capacity) + place] = stored.bitPattern }
    return Double(stored)
  }

  /// Stores everything again around `value`, on a scale suitable for `change`.
  private mutating func storeAnew(
    around value: Double, _ change: Double, _ scratch: TrainingScratch
  ) {
    let isSuited = change == 0 || (0x1p-14...0x1p2).contains(change / scale)
    let error = max(
      abs(centre - value) * HalfBank.rounding, isSuited ? 0 : scale * HalfBank.smallestStep)
    blur = blurred > 0 ? max(blur, error) : error
    blurred = HalfBank.recovery
    store(
      around: value, scale: isSuited ? scale : change.binade / HalfBank.firstChange, scratch)
  }

  private mutating func store(
    around newCentre: Double, scale newScale: Double, _ scratch: TrainingScratch
  ) {
    let table = scratch.kernels.table
    let window = scratch.window
    let factor = HalfBank.bounded(scale / newScale)
    let shift = HalfBank.bounded((centre - newCentre) / newScale)
    let size = capacity + overlap
    table.pointee.widen_halves(window, halves, size)
    for place in 0..<Int(size) { window[place] = window[place] * factor + shift }
    table.pointee.narrow_floats(halves, window, size)
    centre = newCentre
    scale = newScale
  }

  /// As a float that can be multiplied with a half.
  private static func bounded(_ value: Double) -> Float {
    Float(max(-1e30, min(1e30, value)))
  }

  /// - Parameter oldCapacity: the capacity of the bank when it was stored; nil: the present one.
  mutating func code(
    _ coder: inout some StateCoder, oldCapacity: Int? = nil
  ) throws(StateDecodingError) {
    try coder.code(count: &count, "values in a bank")
    try coder.code(&centre)
    try coder.code(&scale)
    try coder.code(&last)
    try coder.code(&blur)
    try coder.code(&blurred, in: 0...HalfBank.recovery, "blurred values")
    try coder.code(&drowned, in: 0...Int32(HalfBank.period), "drowned changes")
    guard let oldCapacity else {
      return try coder.code(words: halves, count: Int(capacity + overlap))
    }
    let size = oldCapacity + Int(overlap)
    let old = UnsafeMutablePointer<UInt16>.allocate(capacity: size)
    defer { old.deallocate() }
    old.initialize(repeating: 0, count: size)
    try coder.code(words: old, count: size)
    for index in max(0, count - Int(capacity))..<count {
      let place = index % Int(capacity)
      halves[place] = old[index % oldCapacity]
      if place < overlap { halves[Int(capacity) + place] = halves[place] }
    }
  }
}
