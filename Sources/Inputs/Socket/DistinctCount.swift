import Glibc

/// The number of distinct items, in a fixed 4 kB.
///
/// Exact up to 256; beyond that an estimate with a standard error of 1.6% (Flajolet et al.,
/// "HyperLogLog", 2007), in the same memory. Items are identified by 64-bit hashes.
final class DistinctCount {
  private static let exactLimit = 256
  private static let slots = 512
  private static let registers = 4_096
  private static let indexBits = 12

  /// Hashes in an open-addressing table while few, then one-byte registers.
  private var words = [UInt64](repeating: 0, count: DistinctCount.slots)
  private var exact = 0
  private var isExact = true

  /// Adds an item by its hash, all of whose bits must be well mixed.
  func add(hash: UInt64) {
    // 0 marks a free slot.
    let hash = max(hash, 1)
    guard isExact else { return register(hash) }
    var slot = Int(hash >> 55)
    while words[slot] != 0 {
      if words[slot] == hash { return }
      slot = (slot + 1) % DistinctCount.slots
    }
    guard exact < DistinctCount.exactLimit else {
      estimate()
      return register(hash)
    }
    words[slot] = hash
    exact += 1
  }

  /// The count.
  var count: Double {
    guard !isExact else { return Double(exact) }
    var sum = 0.0
    var zeros = 0
    words.withUnsafeBytes { ranks in
      for rank in ranks {
        sum += 1 / Double(UInt64(1) << UInt64(rank))
        if rank == 0 { zeros += 1 }
      }
    }
    let size = Double(DistinctCount.registers)
    let raw = 0.7213 / (1 + 1.079 / size) * size * size / sum
    // With few items many registers are empty, and their number is the better measure.
    if raw <= 2.5 * size, zeros > 0 { return (size * log(size / Double(zeros))).rounded() }
    return raw.rounded()
  }

  /// Resets.
  func removeAll() {
    for index in words.indices { words[index] = 0 }
    exact = 0
    isExact = true
  }

  /// Switches to registers.
  private func estimate() {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: DistinctCount.exactLimit) { kept in
      var count = 0
      for word in words where word != 0 {
        kept[count] = word
        count += 1
      }
      for index in words.indices { words[index] = 0 }
      isExact = false
      for index in 0..<count { register(kept[index]) }
    }
  }

  private func register(_ hash: UInt64) {
    let index = Int(hash >> UInt64(64 - DistinctCount.indexBits))
    let rest = hash << UInt64(DistinctCount.indexBits)
    let rank = UInt8(min(rest.leadingZeroBitCount, 64 - DistinctCount.indexBits) + 1)
    words.withUnsafeMutableBytes { ranks in
      if ranks[index] < rank { ranks[index] = rank }
    }
  }
}
