import LSTM

/// Asking for the memory that a coming step reads, while the step of another detector computes.
///
/// All at once would fill the buffers in which the processor keeps what it waits for, and hold up the
/// step that runs; so it goes in parts, between that one's own. The object comes first: it says where
/// everything else is.
extension Detector {
  @inline(__always)
  func prefetchObject() {
    let object = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    Memory.prefetch(
      object.assumingMemoryBound(to: UInt8.self), count: Detector.objectByteCount)
  }

  /// What every step searches or sums up whole.
  @inline(__always)
  func prefetchShortMemories() { core.prefetchShortMemories() }

  @inline(__always)
  func prefetchLongMemories() { core.prefetchLongMemories() }

  @inline(__always)
  func prefetchNetwork() { core.prefetchNetwork() }
}
