import Series
import Testing

@Suite struct RingBufferTests {
  @Test func `time stamps are exact to a millisecond, however many samples lie between`() {
    var buffer = RingBuffer(capacity: 256)
    let samples = (0..<256).map {
      Sample(
        timestamp: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64($0) * 20_700_000),
        value: 1)
    }
    for sample in samples { buffer.append(sample) }
    for (kept, sample) in zip(buffer.samples(), samples) {
      #expect(abs(kept.timestamp.nanoseconds - sample.timestamp.nanoseconds) < 1_000_000)
    }
  }
}
