import CKernels

/// What the processor is told of memory beyond reading and writing it.
public enum Memory {
  /// Asks for `count` elements that are read soon, and does not wait for them.
  public static func prefetch<Element>(_ start: UnsafePointer<Element>, count: Int) {
    ck_prefetch(start, Int64(count * MemoryLayout<Element>.stride))
  }
}
