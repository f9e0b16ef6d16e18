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
