import CKernels

/// Hints to the processor about memory accesses.
public enum Memory {
  /// Prefetches `count` elements that are about to be read.
  public static func prefetch<Element>(_ start: UnsafePointer<Element>, count: Int) {
    ck_prefetch(start, Int64(count * MemoryLayout<Element>.stride))
  }
}
