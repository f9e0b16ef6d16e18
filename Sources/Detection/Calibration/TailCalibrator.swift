import Glibc
package import Series

/// Learns how large one kind of evidence usually gets, and computes how rare a value is.
///
/// Peaks over threshold on the logarithm of the evidence: block maxima of y = ln v are compared
/// with a threshold u that tracks their (1 - p) quantile, and the excesses over u are taken as
/// exponential with mean b (the Gumbel case of Pickands-Balkema-de Haan). A value y then has a tail
/// probability of about (p / block) exp(-(y - u) / b), whose negative decimal logarithm is the
/// surprise, in decades. Both u and b are tracked online with bounded memory, an excess counts at
/// most 4 b, and a run of exceeding blocks makes u rise exponentially: a new regime.
package struct TailCalibrator: BitwiseCopyable {
  /// What distinguishes quick evidence from slow evidence. All remember 8,000 samples.
  package enum Pace: UInt8, BitwiseCopyable, Sendable {
    case fast, slow
    /// As slow, for evidence that stays high for as long as an anomaly lasts: of several
    /// consecutive exceeding blocks, only the first counts for the scale b.
    case declustered

    /// p: share of block maxima above the threshold u.
    var exceedance: Float { self == .fast ? 0.2 : 0.1 }
    /// Memory in blocks.
    var memory: Float { self == .fast ? 1000 : 500 }
    /// Whether a block that follows an exceeding one counts for the scale.
    var countsRuns: Bool { self != .declustered }
    /// Samples in a block.
    var block: Int { self == .fast ? 8 : 16 }
    /// Block maxima collected before the first surprise.
    var collected: Int { self == .fast ? 20 : 12 }
    /// The largest of these, from which the first excesses come.
    var exceeding: Int { self == .fast ? 4 : 3 }
    /// Consecutive exceeding blocks before u accelerates.
    var patience: Int { self == .fast ? 8 : 4 }
    /// ln(block / p): of 40 and of 160.
    var baseline: Float { self == .fast ? 3.688_879_5 : 5.075_173_9 }
  }

  /// Largest surprise, in decades.
  static let maximumSurprise: Float = 30
  /// Weight, in excesses, and value of the prior for b.
  private static let priorWeight: Float = 20
  private static let priorScale: Float = 0.3
  /// An excess counts at most this many b.
  private static let excessCap: Float = 4
  /// Largest maxima kept while they are collected: the exceeding ones and the threshold below them.
  private static let mostKept = 5

  let pace: Pace
  private var isReady = false
  private var inBlock: UInt8 = 0
  /// Running mean of the evidence, each value counted at most 8 times the mean.
  private(set) var mean: Float = 0
  private var threshold: Float = 0
  private var scale: Float = TailCalibrator.priorScale
  private var excesses: Float = 0
  private var count: Int32 = 0
  private var blocks: Int32 = 0
  private var run: Int32 = 0
  private var blockMaximum = -Float(1e30)
  /// The largest block maxima, in descending order, while they are collected.
  private var largest = InlineArray<5, Float>(repeating: -1e30)

  package init(_ pace: Pace) {
    self.pace = pace
  }

  /// Learns one value of the evidence and returns its surprise.
  /// - Parameter value: v >= 0; capped at 1e30.
  /// - Returns: surprise in decades, 0...30; 0 until enough blocks have been seen.
  package mutating func surprise(_ value: Double) -> Float {
    let evidence = min(value, 1e30)
    if count < 1 << 30 { count += 1 }
    let bounded = count > 20 && mean > 0 ? min(evidence, 8 * Double(mean)) : evidence
    mean += Float((bounded - Double(mean)) / Double(min(count, 2000)))
    let y = logarithm(of: evidence)
    let result = surprise(evidence, y)
    blockMaximum = max(blockMaximum, y)
    inBlock += 1
    if inBlock == pace.block {
      let maximum = blockMaximum
      blockMaximum = -1e30
      inBlock = 0
      if isReady { follow(maximum) } else { collect(maximum) }
    }
    return result
  }

  /// The surprise of one value of the evidence, without learning it.
  func unlearntSurprise(_ value: Double) -> Float {
    let evidence = min(value, 1e30)
    return surprise(evidence, logarithm(of: evidence))
  }

  @inline(__always) private func logarithm(of evidence: Double) -> Float {
    Float(log(evidence + Double(0.2 as Float * mean) + 1e-12))
  }

  @inline(__always) private func surprise(_ evidence: Double, _ y: Float) -> Float {
    var result: Float = 0
    if isReady {
      var decades = (pace.baseline + (y - threshold) / scale) * 0.4342945
      // No alarm below the mean: the first value after many zeros raises the mean so far that the
      // zeros after it would look rare.
      if evidence <= Double(mean) { decades = min(decades, Fusion.base) }
      result = max(0, min(TailCalibrator.maximumSurprise, decades))
    }
    return result
  }

  private mutating func collect(_ maximum: Float) {
    keep(maximum)
    blocks += 1
    guard blocks == pace.collected else { return }
    threshold = largest[pace.exceeding]
    var sum: Float = 0
    let cap = TailCalibrator.excessCap * TailCalibrator.priorScale * 4
    for place in (0..<pace.exceeding).reversed() {
      sum += min(largest[place] - threshold, cap)
    }
    let exceeding = Float(pace.exceeding)
    scale =
      (sum + TailCalibrator.priorWeight * TailCalibrator.priorScale)
      / (exceeding + TailCalibrator.priorWeight)
    excesses = exceeding
    isReady = true
  }

  /// Inserts a block's maximum among the largest, and drops the smallest of them.
  private mutating func keep(_ maximum: Float) {
    var moving = maximum
    for place in 0..<TailCalibrator.mostKept where moving > largest[place] {
      swap(&moving, &largest[place])
    }
  }

  private mutating func follow(_ maximum: Float) {
    if blocks < 1 << 30 { blocks += 1 }
    let rate = 1 / min(Float(blocks), pace.memory)
    let p = pace.exceedance
    guard maximum > threshold else {
      threshold -= rate * scale
      run = 0
      return
    }
    excesses = min(excesses + 1, pace.memory * p)
    if run == 0 || pace.countsRuns {
      let excess = min(maximum - threshold, TailCalibrator.excessCap * scale)
      let weight = excesses + TailCalibrator.priorWeight
      scale +=
        (excess - scale) / weight
        + (TailCalibrator.priorScale - scale) * TailCalibrator.priorWeight / (weight * weight)
    }
    run = min(run + 1, 1 << 20)
    let patience = Int32(pace.patience)
    let acceleration: Float = run > patience ? Float(1 << min(run - patience, 12)) : 1
    threshold += min(maximum - threshold, acceleration * rate * scale / p * (1 - p))
  }

  package mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&mean)
    try coder.code(&threshold)
    try coder.code(&scale)
    try coder.code(&excesses)
    try coder.code(&count, in: 0...(1 << 30), "calibrator count")
    try coder.code(&isReady)
    try coder.code(
      &blocks, in: 0...(isReady ? 1 << 30 : Int32(pace.collected) - 1), "calibrator blocks")
    try coder.code(&inBlock, in: 0...UInt8(pace.block - 1), "calibrator block position")
    try coder.code(&run, in: 0...(1 << 20), "calibrator run")
    try coder.code(&blockMaximum)
    for place in 0..<TailCalibrator.mostKept { try coder.code(&largest[place]) }
  }
}
