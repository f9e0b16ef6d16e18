import Store
import Testing

@Suite struct CRC32CTests {
  @Test(arguments: [
    // RFC 3720, appendix B.4.
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E),
    (Array((0..<32).reversed()), 0x113F_DB5C),
    // The check value of the catalogue of parametrised CRC algorithms.
    (Array("123456789".utf8), 0xE306_9283),
    ([], 0),
  ])
  func `agrees with the standard`(bytes: [UInt8], expected: UInt32) {
    #expect(CRC32C.checksum(of: bytes) == expected)
  }
}
