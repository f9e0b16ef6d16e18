import Glibc
import MachineLimits
import Measuring

/// An array far larger than the caches: reading it measures memory and evicts everything else.
final class StreamedArray {
  /// Eight times the third-level cache of large machines.
  static let byteCount = 256 << 20

  private let floats: UnsafeMutablePointer<Float>
  private let count = StreamedArray.byteCount / MemoryLayout<Float>.stride

  /// An array of ones, in huge pages if available.
  init() {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: StreamedArray.byteCount, alignment: 2 << 20)
    madvise(memory, StreamedArray.byteCount, MADV_HUGEPAGE)
    floats = memory.bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 1, count: count)
  }

  deinit { floats.deallocate() }

  /// Reads all of it once.
  /// - Returns: bytes per nanosecond, which is GB/s.
  @discardableResult
  func read() -> Double {
    let watch = Stopwatch()
    let sum = limits_read(floats, count)
    let elapsed = watch.nanoseconds
    precondition(sum > 0, "an array of ones has a positive sum")
    return Double(StreamedArray.byteCount) / elapsed
  }
}
