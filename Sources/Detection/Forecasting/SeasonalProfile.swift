import Networks
import Series

/// The usual value of a metric in each half hour of a day or of a week.
///
/// Values are halves of (value - centre) / scale, as ``SeasonalExpert`` passes them; 0 marks a half hour
/// that was never seen.
struct SeasonalProfile {
  /// Fraction by which a bin moves towards its latest visit.
  private static let rate: Float = 0.3
  /// An error of more than this many median errors moves the bin by ``cautious`` only.
  private static let notable: Float = 6
  private static let cautious: Float = 0.2
  /// Visits before the median error is known.
  private static let learning = 300
  /// Surplus of notable errors to one side after which they are the new normal: two days.
  private static let patience = 96
  /// Memory of ``error``, samples before it counts, and samples before values are limited by it.
  private static let (memory, needed, limited) = (2000, 200, 50)
  /// An error counts at most this many mean errors.
  static let errorCap = 8.0

  private let bins: UnsafeMutablePointer<UInt16>
  private let count: Int
  private var median: Float = 0
  private var visits = 0
  private var excess = 0
  /// Mean absolute distance of samples from the profile, in the metric's unit.
  private(set) var error = 0.0
  private var samples = 0

  /// A profile of `count` bins that were never seen.
  init(count: Int, bins: UnsafeMutablePointer<UInt16>) {
    self.count = count
    self.bins = bins
  }

  /// Whether ``error`` is known.
  var isKnown: Bool { samples > SeasonalProfile.needed }

  func prefetch(_ bin: Int) { Memory.prefetch(bins + bin, count: 1) }

  /// The value of a bin; nil if it was never seen.
  private func value(_ bin: Int) -> Float? {
    bins[bin] == 0 ? nil : Float(Float16(bitPattern: bins[bin]))
  }

  private func set(_ bin: Int, to value: Float) {
    let bits = Float16(value).bitPattern
    bins[bin] = bits == 0 ? Float16(-0.0).bitPattern : bits
  }

  /// The profile's value at the fraction `place` of a bin.
  /// - Parameter interpolates: whether a bin has enough samples to be interpolated.
  func value(_ bin: Int, place: Float, interpolates: Bool) -> Float? {
    guard let value = value(bin) else { return nil }
    let away = place - 0.5
    let neighbour = (bin + (away < 0 ? count - 1 : 1)) % count
    guard interpolates, let other = self.value(neighbour) else { return value }
    return value + abs(away) * (other - value)
  }

  /// Learns the mean of a visit to a bin.
  mutating func learn(_ mean: Float, bin: Int) {
    guard let value = value(bin) else { return set(bin, to: mean) }
    let distance = mean - value
    let magnitude = abs(distance)
    if visits == 0 { median = magnitude }
    visits = min(visits + 1, 1 << 30)
    var rate = SeasonalProfile.rate
    if visits > SeasonalProfile.learning {
      if magnitude > SeasonalProfile.notable * median {
        excess = min(excess + 1, 2 * SeasonalProfile.patience)
        if excess < SeasonalProfile.patience { rate *= SeasonalProfile.cautious }
      } else {
        excess = max(0, excess - 1)
      }
    }
    set(bin, to: value + rate * distance)
    let step: Float = visits > 100 ? 0.01 : 0.2
    median =
      magnitude > median
      ? (median > 0 ? median * (1 + step) : magnitude * 0.1) : median * (1 - step)
  }

  /// Learns the distance of a sample from the profile.
  mutating func learn(error distance: Double) {
    samples = min(samples + 1, 1 << 30)
    let limit = SeasonalProfile.errorCap * error
    let counted = samples > SeasonalProfile.limited && error > 0 ? min(distance, limit) : distance
    error += (counted - error) / Double(min(samples, SeasonalProfile.memory))
  }

  /// Stores all values as (value * factor + shift).
  mutating func rescale(by factor: Float, plus shift: Float) {
    for bin in 0..<count {
      if let value = value(bin) {
        set(bin, to: max(-65_000, min(65_000, value * factor + shift)))
      }
    }
    median *= factor
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(words: bins, count: count)
    try coder.code(&median)
    try coder.code(count: &visits, "visits of a seasonal profile")
    try coder.code(&excess, in: 0...(2 * SeasonalProfile.patience), "notable visits")
    try coder.code(&error)
    try coder.code(count: &samples, "samples of a seasonal profile")
  }
}
