/// Zeroed blocks of floats in one allocation, each on a cache line boundary.
final class FloatBlocks {
  private let memory: UnsafeMutablePointer<Float>
  private let starts: [Int]
  private let counts: [Int]

  /// Blocks of `counts` floats.
  init(_ counts: Int...) {
    self.counts = counts
    var total = 0
    starts = counts.map { count in
      defer { total += (count + 15) / 16 * 16 }
      return total
    }
    memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * max(total, 1), alignment: 64)
      .bindMemory(to: Float.self, capacity: total)
    memory.initialize(repeating: 0, count: total)
  }

  /// The block number `index`.
  subscript(index: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: memory + starts[index], count: counts[index])
  }

  /// The address of block number `index`.
  func start(_ index: Int) -> UnsafeMutablePointer<Float> { memory + starts[index] }

  deinit { memory.deallocate() }
}
