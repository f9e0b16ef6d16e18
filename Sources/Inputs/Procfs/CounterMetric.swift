/// How a kernel counter becomes a metric.
package struct CounterMetric {
  /// The metric's name, or for devices the part after the device.
  let name: String
  /// One unit of the counter in units of the metric.
  var scale = 1.0
  /// The upper bound of the metric: 1 for shares of time.
  var ceiling = Double.infinity
  /// Units per second that hardware can reach; bounds what counts as a wrap at 32 bits.
  /// 0 for counters that every kernel keeps in 64 bits.
  var plausiblePerSecond = 0.0
  /// For devices: a counter that decreases only if the device was removed and came back.
  var isPrimary = false
  /// For devices: the index of the counter whose increase divides this one's, instead of time.
  /// 0 if that one did not increase.
  var divisor: Int?

  /// The metric's value for an increase of the counter over `seconds` > 0.
  func rate(_ difference: UInt64, over seconds: Double) -> Double {
    min(Double(difference) * scale / seconds, ceiling)
  }

  /// The increase of a counter between two readings; nil if it was reset.
  ///
  /// A counter that became smaller wrapped at 32 bits only if it was within 32 bits, then advanced
  /// less than a quarter of that range, and no faster than hardware can; otherwise it was reset.
  func difference(from previous: UInt64, to current: UInt64, over seconds: Double) -> UInt64? {
    if current >= previous { return current - previous }
    guard previous <= UInt64(UInt32.max) else { return nil }
    let wrapped = (1 << 32) - previous + current
    guard wrapped < 1 << 30, Double(wrapped) <= plausiblePerSecond * seconds else { return nil }
    return wrapped
  }
}
