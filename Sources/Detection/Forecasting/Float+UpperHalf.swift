/// Floats in two bytes where a few tenths of a percent do not matter but the range does: the upper
/// half of the bits, known as bfloat16.
extension Float {
  /// The float whose upper half is `bits`.
  init(upperHalf bits: UInt16) {
    self.init(bitPattern: UInt32(bits) << 16)
  }

  /// The upper half, rounded: off by 0.4% at most.
  var upperHalf: UInt16 {
    UInt16(truncatingIfNeeded: (bitPattern &+ 0x8000) >> 16)
  }
}
