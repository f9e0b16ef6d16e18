import CKernels

/// CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, as in RFC 3720 appendix B.4.
///
/// Uses the processor's instruction if it has one; otherwise eight bytes a step through eight tables
/// (Kounavis and Berry, "A Systematic Approach to Building High Performance Software-Based CRC
/// Generators", 2005).
package struct CRC32C {
  private static let isNative = ck_crc32c_is_native() != 0

  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
      tables[byte] = value
    }
    for index in 256..<8 * 256 {
      let previous = tables[index - 256]
      tables[index] = tables[Int(previous & 0xFF)] ^ (previous >> 8)
    }
    return tables
  }()

  private var state: UInt32 = 0xFFFF_FFFF

  /// The checksum of nothing.
  package init() {}

  /// The checksum of all bytes so far.
  package var value: UInt32 { ~state }

  /// The checksum of `bytes`.
  package static func checksum(of bytes: [UInt8]) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }

  /// The checksum of `bytes`.
  package static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32C()
    crc.update(bytes)
    return crc.value
  }

  package mutating func update(_ bytes: some Collection<UInt8>) {
    bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
      ?? update(Array(bytes))
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard CRC32C.isNative else { return updateByTable(bytes) }
    guard let base = bytes.baseAddress else { return }
    state = ck_crc32c(state, base.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  /// The checksum of `bytes` without the processor's instruction.
  package static func checksumByTable(of bytes: [UInt8]) -> UInt32 {
    var crc = CRC32C()
    bytes.withUnsafeBytes { crc.updateByTable($0) }
    return crc.value
  }

  private mutating func updateByTable(_ bytes: UnsafeRawBufferPointer) {
    CRC32C.tables.withUnsafeBufferPointer { table in
      var crc = state
      var offset = 0
      while offset + 8 <= bytes.count {
        let word =
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          ^ UInt64(crc)
        crc = table[7 * 256 + Int(word & 0xFF)]
        crc ^= table[6 * 256 + Int(word >> 8 & 0xFF)]
        crc ^= table[5 * 256 + Int(word >> 16 & 0xFF)]
        crc ^= table[4 * 256 + Int(word >> 24 & 0xFF)]
        crc ^= table[3 * 256 + Int(word >> 32 & 0xFF)]
        crc ^= table[2 * 256 + Int(word >> 40 & 0xFF)]
        crc ^= table[256 + Int(word >> 48 & 0xFF)]
        crc ^= table[Int(word >> 56)]
        offset += 8
      }
      while offset < bytes.count {
        crc = table[Int((crc ^ UInt32(bytes[offset])) & 0xFF)] ^ (crc >> 8)
        offset += 1
      }
      state = crc
    }
  }
}
