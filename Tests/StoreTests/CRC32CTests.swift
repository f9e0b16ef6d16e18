import Store
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
    }
  }
}
