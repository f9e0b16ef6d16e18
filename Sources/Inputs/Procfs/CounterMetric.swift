/// How a counter of the kernel is turned into a metric.
package struct CounterMetric {
  /// The metric's name, or for devices what comes after the device.
  let name: String
  /// What one unit of the counter is in units of the metric.
  var scale = 1.0
  /// The largest value that the metric can have: shares of time end at 1.
  var ceiling = Double.infinity
  /// Units a second that hardware can reach; bounds what may be taken for a wrap at 32 bits.
  /// 0 for counters that every kernel keeps in 64 bits.
  var plausiblePerSecond = 0.0
  /// For devices: a counter that only a device which was taken away and came back sets back.
  var isPrimary = false
  /// For devices: the position of the counter by whose growth this one's is divided, instead of by
  /// time. 0 where that one did not grow.
  var divisor: Int?

  /// The metric for a difference of the counter over `seconds` > 0.
  func rate(_ difference: UInt64, over seconds: Double) -> Double {
    min(Double(difference) * scale / seconds, ceiling)
  }

  /// How far a counter went between two readings; nil if it was set back.
  ///
  /// A counter that became smaller wrapped at 32 bits only if it was within 32 bits, then went
  /// less than a quarter of that range, and no faster than hardware can; else it was reset.
  func difference(from previous: UInt64, to current: UInt64, over seconds: Double) -> UInt64? {
    if current >= previous { return current - previous }
    guard previous <= UInt64(UInt32.max) else { return nil }
    let wrapped = (1 << 32) - previous + current
    guard wrapped < 1 << 30, Double(wrapped) <= plausiblePerSecond * seconds else { return nil }
    return wrapped
  }
}
