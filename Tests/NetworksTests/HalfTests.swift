import CKernels
import Networks
import Testing

/// Half precision as storage, compared with Swift's own `Float16`.
@Suite struct HalfTests {
  private static let finite = (UInt16.min...UInt16.max).filter {
    Float16(bitPattern: $0).isFinite
  }

  @Test(arguments: InstructionSet.available)
  func `every finite half is widened exactly, and narrowed to itself`(set: InstructionSet) throws {
    let kernels = try #require(Kernels(set)).table.pointee
    let halves = HalfTests.finite
    var floats = [Float](repeating: 0, count: halves.count)
    kernels.widen_halves(&floats, halves, Int32(halves.count))
    var wrong = 0
    for (half, float) in zip(halves, floats)
    where Float(Float16(bitPattern: half)).bitPattern != float.bitPattern { wrong += 1 }
    #expect(wrong == 0)
    var back = [UInt16](repeating: 0, count: halves.count)
    kernels.narrow_floats(&back, floats, Int32(halves.count))
    #expect(back == halves)
  }

  @Test(arguments: InstructionSet.available)
  func `a float is narrowed to the nearest half, ties to even, at most the largest`(
    set: InstructionSet
  ) throws {
    let kernels = try #require(Kernels(set)).table.pointee
    var floats: [Float] = [1e30, -1e30, 65519.99, 65520, -65520, 1e-30, -1e-30, 0x1p-25, 0x1.8p-25]
    for half in HalfTests.finite where half & 0x7fff < 0x7bff {
      // Half-way to the next half, and the floats on either side of it.
      let middle =
        (Float(Float16(bitPattern: half)) + Float(Float16(bitPattern: half + 1))) / 2
      floats += [middle.nextDown, middle, middle.nextUp]
    }
    var halves = [UInt16](repeating: 0, count: floats.count)
    kernels.narrow_floats(&halves, floats, Int32(floats.count))
    let largest = Float(Float16.greatestFiniteMagnitude)
    var wrong = 0
    for (float, half) in zip(floats, halves)
    where Float16(min(max(float, -largest), largest)).bitPattern != half { wrong += 1 }
    #expect(wrong == 0)
  }

  @Test(arguments: InstructionSet.available, [0, 1, 15, 16, 17, 33])
  func `no half and no float beyond the end is touched`(set: InstructionSet, count: Int) throws {
    let kernels = try #require(Kernels(set)).table.pointee
    var floats = [Float](repeating: 7, count: count + 1)
    kernels.widen_halves(&floats, [UInt16](repeating: 0x3c00, count: count), Int32(count))
    #expect(floats == [Float](repeating: 1, count: count) + [7])
    var halves = [UInt16](repeating: 7, count: count + 1)
    kernels.narrow_floats(&halves, floats, Int32(count))
    #expect(halves == [UInt16](repeating: 0x3c00, count: count) + [7])
  }

  @Test(arguments: InstructionSet.available, [1, 8, 12, 13])
  func `the nearest window among halves is the same as among floats`(
    set: InstructionSet, length: Int
  ) throws {
    let kernels = try #require(Kernels(set)).table.pointee
    var random = XorShift(seed: 6)
    for starts in [0, 1, 15, 16, 17, 255, 256, 257, 271, 272, 273, 520, 1181] {
      let halves = (0..<(starts + length)).map { _ in Float16(random.gaussian()) }
      let window = (0..<length).map { _ in Float(random.gaussian()) }
      var expected = Float.infinity
      for start in 0..<starts {
        var sum: Float = 0
        for q in 0..<length {
          let difference = Float(halves[start + q]) - window[q]
          sum += difference * difference
        }
        expected = min(expected, sum)
      }
      let found = kernels.nearest_window_half(
        halves.map(\.bitPattern), Int32(starts), window, Int32(length))
      #expect(
        found == expected || abs(found - expected) <= 1e-5 * expected, "\(starts) starts")
    }
  }
}
