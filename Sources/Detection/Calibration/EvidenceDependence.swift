import Series

/// Learns how many kinds of evidence one event usually sets off on this metric.
///
/// Kinds that measure the same spike are not independent, and their decades may not simply be added. The
/// usual ratio of the sum of all kinds to the strongest of them, at the height of an excursion, says by
/// how much: sums of metrics whose every spike shows in five kinds are worth less than those of metrics
/// where two kinds at once are rare.
struct EvidenceDependence {
  /// The ratio up to which kinds count as independent, which is also its prior.
  private static let independent: Float = 2
  /// Excursions that the prior is worth, and the share that each excursion forgets.
  private static let (priorWeight, forgetting): (Float, Float) = (10, 0.005)
  /// Decades that the strongest kind of an excursion must exceed to be learnt from.
  private static let needed: Float = 0.5
  /// Samples without evidence after which an excursion is over.
  private static let pause: UInt8 = 30

  private var ratio = EvidenceDependence.independent
  private var weight = EvidenceDependence.priorWeight
  private var highestSum: Float = 0
  private var strongest: Float = 0
  /// Samples until the excursion is over; 0: there is none.
  private var left: UInt8 = 0

  /// The share of a sum that counts.
  var share: Float { min(1, EvidenceDependence.independent / ratio) }

  /// Takes the sum of the evidence that counts, 0 if none does, and the strongest of it.
  @inline(__always) mutating func learn(sum: Float, strongest: Float) {
    if sum > 0 || left > 0 { follow(sum: sum, strongest: strongest) }
  }

  @inline(never) private mutating func follow(sum: Float, strongest: Float) {
    if sum > 0 {
      if left == 0 { highestSum = 0 }
      left = EvidenceDependence.pause
      if sum > highestSum { (highestSum, self.strongest) = (sum, strongest) }
      return
    }
    left -= 1
    guard left == 0, self.strongest > EvidenceDependence.needed else { return }
    weight = (1 - EvidenceDependence.forgetting) * weight + 1
    ratio += (highestSum / self.strongest - ratio) / weight
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&ratio)
    try coder.code(&weight)
    try coder.code(&highestSum)
    try coder.code(&strongest)
    try coder.code(&left, in: 0...EvidenceDependence.pause, "rest of an excursion")
  }
}
