import Inputs
import Testing

/// When a filesystem would be full.
@Suite struct FillTrendTests {
  /// Polls a filesystem of 1000 blocks once a minute.
  /// - Returns: the hours left after each poll.
  private func hours(_ available: [UInt64]) throws -> [Double?] {
    let host = try FakeHost("linux-6.1")
    let input = host.input(["filesystem"]) { $0.interval = .seconds(60) }
    return available.map { blocks in
      host.filesystem = FilesystemUse(
        blockBytes: 4096, blocks: 1000, free: blocks, available: blocks, inodes: 0, freeInodes: 0)
      return host.poll(input, after: 60)["filesystem./.hours_left"]
    }
  }

  @Test func `is known after half an hour, by the rate until then`() throws {
    // Two blocks a minute: 120 an hour.
    let hours = try hours((0...60).map { 360 - 2 * UInt64($0) })
    #expect(hours.prefix(30).allSatisfy { $0 == nil })
    #expect(hours[30].map { abs($0 - 300.0 / 120) < 1e-9 } ?? false)
    #expect(hours[60].map { abs($0 - 240.0 / 120) < 1e-9 } ?? false)
  }

  @Test func `one big file counts for only half an hour`() throws {
    let hours = try hours([UInt64](repeating: 300, count: 31) + [UInt64](repeating: 200, count: 40))
    #expect(hours[30] == 10_000)
    #expect(hours[31].map { $0 < 1.1 } ?? false)
    #expect(hours[70] == 10_000)
  }

  @Test func `there is no urgency while much is available or nothing is written`() throws {
    #expect(try hours((0...40).map { 900 - 10 * UInt64($0) }).last == 10_000)
    #expect(try hours((0...40).map { 200 + UInt64($0) }).last == 10_000)
  }
}
