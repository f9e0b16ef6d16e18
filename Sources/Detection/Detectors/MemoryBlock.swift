import Networks
import Series

/// The one block of memory of a detector, laid out by `Layout`.
struct MemoryBlock<Layout: DetectorLayout>: ~Copyable {
  /// The block's size in bytes.
  static var byteCount: Int {
    var cursor = MemoryCursor(base: nil)
    _ = Layout(&cursor)
    return cursor.byteCount
  }

  private let base: UnsafeMutableRawPointer

  /// A block of zeros.
  init() {
    base = .allocate(byteCount: MemoryBlock.byteCount, alignment: 64)
    clear()
  }

  /// Zeroes it again.
  func clear() {
    base.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryBlock.byteCount)
  }

  /// The parts of the block.
  var layout: Layout {
    var cursor = MemoryCursor(base: base)
    return Layout(&cursor)
  }

  deinit {
    base.deallocate()
  }
}

/// The parts of a block of memory, in the order of use in one step.
protocol DetectorLayout {
  init(_ cursor: inout MemoryCursor)
}

/// Hands out consecutive parts of one block of memory; without a base it only measures.
struct MemoryCursor {
  let base: UnsafeMutableRawPointer?
  private(set) var byteCount = 0

  init(base: UnsafeMutableRawPointer?) {
    self.base = base
  }

  mutating func take<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
    let start = base.map { $0 + byteCount } ?? MemoryCursor.nowhere
    byteCount += (count * MemoryLayout<Element>.stride + 15) / 16 * 16
    return start.bindMemory(to: Element.self, capacity: base == nil ? 0 : count)
  }

  private static var nowhere: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
  }
}

/// The part of a detector's memory that belongs to a learning network.
struct NetworkPlaces {
  let weights: UnsafeMutablePointer<Float>
  let moments: AdamMoments
  /// The present h and c.
  let state: UnsafeMutablePointer<Float>

  init(parameters: Int, states: Int, _ cursor: inout MemoryCursor) {
    weights = cursor.take(parameters)
    let mean: UnsafeMutablePointer<Float> = cursor.take(parameters)
    moments = AdamMoments(mean: mean, variance: cursor.take(parameters))
    state = cursor.take(states)
  }

  /// Reads or writes all of it.
  func code(
    _ coder: inout some StateCoder, parameters: Int, states: Int
  ) throws(StateDecodingError) {
    for block in [weights, moments.mean, moments.variance] {
      try coder.code(floats: block, count: parameters)
    }
    try coder.code(floats: state, count: states)
  }
}
