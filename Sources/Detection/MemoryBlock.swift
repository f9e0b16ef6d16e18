/// The one block of memory of a detector, with what lies where in it.
struct MemoryBlock<RuntimePaths: MemoryPlaces>: ~Copyable {
  /// The block's size in bytes.
  static var byteCount: Int {
    var cursor = MemoryCursor(base: nil)
    _ = RuntimePaths(&cursor)
    return cursor.byteCount
  }

  private let base: UnsafeMutableRawPointer

  /// A block of zeros.
  init() {
    base = .allocate(byteCount: MemoryBlock.byteCount, alignment: 64)
    clear()
  }

  /// Makes it zeros again.
  func clear() {
    base.initializeMemory(as: UInt8.self, repeating: 0, count: MemoryBlock.byteCount)
  }

  /// What lies where.
  var places: RuntimePaths {
    var cursor = MemoryCursor(base: base)
    return RuntimePaths(&cursor)
  }

  deinit {
    base.deallocate()
  }
}

/// Where each part of a block lies. The order is that of use in one step, and of the stored state.
protocol MemoryPlaces {
  init(_ cursor: inout MemoryCursor)
}
