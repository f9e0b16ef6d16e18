import CKernels
package import LSTM

/// How far the newest window of a series is from its nearest predecessor.
///
/// The series is reduced to means of `aggregate` samples; the last `bank` of them are kept. The
/// distance is the root of the least mean squared difference between the newest `length` means
/// and every earlier window (a matrix-profile left discord, Yeh et al., ICDM 2016, without
/// normalisation), and is held between aggregates.
package struct WindowNovelty {
  /// Sizes of one search.
  package struct Constants {
    /// Aggregates in a window.
    package let length: Int
    /// Samples in an aggregate.
    package let aggregate: Int
    /// Aggregates remembered.
    package let bank: Int
    /// Aggregates between the end of a candidate window and the end of the newest.
    package let exclusion: Int

    package static let window8 = Constants(length: 8, aggregate: 1, bank: 1000, exclusion: 8)
    package static let window48 = Constants(length: 12, aggregate: 4, bank: 1200, exclusion: 4)
    package static let window144 = Constants(length: 12, aggregate: 12, bank: 1200, exclusion: 4)

    /// Floats of memory: the bank, and its beginning once more behind its end, so that every
    /// window is contiguous.
    package var floatCount: Int { bank + length - 1 }
    /// Aggregates after which the distance means something.
    package var needed: Int { 2 * length + exclusion }
  }

  let constants: Constants
  private let bank: UnsafeMutablePointer<Float>
  private var aggregates = 0
  private var sum = 0.0
  private var inAggregate = 0
  private var distance: Float = 0

  /// An empty search in `constants.floatCount` floats at `bank`.
  package init(_ constants: Constants, bank: UnsafeMutablePointer<Float>) {
    self.constants = constants
    self.bank = bank
  }

  /// Takes one sample.
  /// - Parameter kernels: the search's arithmetic.
  /// - Returns: the distance in the metric's unit; nil before there is enough to compare with.
  package mutating func distance(_ x: Double, kernels: Kernels) -> Float? {
    sum += x
    inAggregate += 1
    if inAggregate == constants.aggregate {
      append(Float(sum / Double(constants.aggregate)))
      sum = 0
      inAggregate = 0
      if aggregates >= constants.needed { distance = search(kernels) }
    }
    return aggregates >= constants.needed ? distance : nil
  }

  /// Asks for the bank if the coming sample searches it, without waiting.
  func prefetch() {
    if inAggregate == constants.aggregate - 1 {
      Memory.prefetch(bank, count: min(aggregates, constants.bank))
    }
  }

  private mutating func append(_ value: Float) {
    let place = aggregates % constants.bank
    bank[place] = value
    if place < constants.length - 1 { bank[constants.bank + place] = value }
    aggregates += 1
  }

  private func search(_ kernels: Kernels) -> Float {
    let held = min(aggregates, constants.bank)
    let oldest = aggregates > constants.bank ? aggregates % constants.bank : 0
    let newest = (oldest + held - constants.length) % constants.bank
    let starts = held - constants.length - constants.exclusion + 1
    let first = min(starts, constants.bank - oldest)
    let window = bank + newest
    let length = Int32(constants.length)
    let nearest = kernels.table.pointee.nearest_window
    guard let nearest else { return 0 }
    var least = nearest(bank + oldest, Int32(first), window, length)
    if starts > first {
      least = min(least, nearest(bank, Int32(starts - first), window, length))
    }
    return (least / Float(constants.length)).squareRoot()
  }

  mutating func code(_ coder: inout some StateCoder) throws(DetectorDecodingError) {
    try coder.code(&aggregates, in: 0...Int.max, "window aggregates")
    try coder.code(&sum)
    try coder.code(&inAggregate, in: 0...(constants.aggregate - 1), "window position")
    try coder.code(&distance)
    try coder.code(floats: bank, count: constants.floatCount)
  }
}
