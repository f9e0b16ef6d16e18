/// The measurements of one timer in one interval.
///
/// Count, mean and maximum are of all of them. The percentile is of all of them up to
/// ``SocketLimits/timerValues``; beyond that, of a uniform random sample of that size (Vitter,
/// "Random Sampling with a Reservoir", 1985, algorithm R). 4 kB, no allocation.
final class TimerWindow {
  /// Measurements received.
  private(set) var count = 0
  /// Measurements made: those received, each by the inverse of its sample rate.
  private(set) var weight = 0.0
  /// The largest; meaningless while there is none.
  private(set) var maximum = -Double.infinity
  private var sum = 0.0
  private var values = [Double](repeating: 0, count: SocketLimits.timerValues)
  private var random: UInt64

  /// An empty window.
  /// - Parameter seed: of the random choice.
  init(seed: UInt64) { random = seed | 1 }

  /// Their mean; NaN while there is none.
  var mean: Double { sum / Double(count) }

  /// Adds a measurement of which a share of `rate` is sent.
  func add(_ value: Double, rate: Double) {
    if count < values.count {
      values[count] = value
    } else {
      let place = nextRandom() % UInt64(count + 1)
      if place < UInt64(values.count) { values[Int(place)] = value }
    }
    count += 1
    weight += 1 / rate
    sum += value
    maximum = max(maximum, value)
  }

  /// The smallest value that is at least as large as this share of all (nearest rank); NaN while
  /// there is none. Reorders the values.
  /// - Parameter share: above 0, up to 1.
  func quantile(_ share: Double) -> Double {
    let kept = min(count, values.count)
    guard kept > 0 else { return .nan }
    let rank = max(0, Int((share * Double(kept)).rounded(.up)) - 1)
    // Hoare's selection: continues only in the side that contains the rank.
    var low = 0
    var high = kept - 1
    while low < high {
      let pivot = values[low + (high - low) / 2]
      var left = low
      var right = high
      while left <= right {
        while values[left] < pivot { left += 1 }
        while values[right] > pivot { right -= 1 }
        if left <= right {
          values.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if rank <= right {
        high = right
      } else if rank >= left {
        low = left
      } else {
        break
      }
    }
    return values[rank]
  }

  /// Begins the next interval.
  func removeAll() {
    count = 0
    weight = 0
    sum = 0
    maximum = -.infinity
  }

  /// Marsaglia's xorshift.
  private func nextRandom() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
