public import Series

/// Synthetic series, the same in every run.
public enum SyntheticSeries {
  /// A daily wave with noise, a sample every `interval` seconds, from 2026-01-05T00:00Z on, and
  /// one jump of 40 noise deviations that lasts from sample `jumpAt` for 20 samples.
  public static func dailyWave(
    count: Int, interval: Int64 = 300, jumpAt: Int? = nil, seed: UInt64 = 1
  ) -> [Sample] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func uniform() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    let start: Int64 = 1_767_571_200
    return (0..<count).map { index in
      let seconds = start + Int64(index) * interval
      let phase = Double(seconds % 86_400) / 86_400
      let triangle = 1 - 4 * abs(phase - 0.5)
      let noise = uniform() + uniform() + uniform() + uniform() - 2
      var value = 50 + 10 * triangle + noise
      if let jumpAt, (jumpAt..<(jumpAt + 20)).contains(index) { value += 24 }
      return Sample(timestamp: Timestamp(seconds: Double(seconds)), value: value)
    }
  }
}
