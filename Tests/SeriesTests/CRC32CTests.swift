import Series
import Testing

@Suite struct CRC32CTests {
  /// RFC 3720, appendix B.4; the last two from the catalogue of parametrised CRC algorithms.
  private static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E),
    ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
    ([UInt8]("123456789".utf8), 0xE306_9283),
    ([], 0),
  ]

  @Test func `agrees with the standard`() {
    for (bytes, checksum) in CRC32CTests.vectors {
      #expect(CRC32C.checksum(of: bytes) == checksum)
      #expect(CRC32C.checksumByTable(of: bytes) == checksum)
    }
  }

  @Test func `the processor's instruction and the table agree, whatever the length`() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 0x9D &+ $0 >> 3) }
    for length in 0...bytes.count {
      let part = Array(bytes.suffix(length))
      #expect(CRC32C.checksum(of: part) == CRC32C.checksumByTable(of: part))
    }
  }
}
