import Glibc

/// Learns how large one kind of evidence usually gets, and says how rare a value is.
///
/// Peaks over threshold on the logarithm of the evidence: block maxima of y = ln v are compared
/// with a threshold u that tracks their (1 - p) quantile, and the excesses over u are taken as
/// exponential with mean b (the Gumbel case of Pickands-Balkema-de Haan). A value y then has a
/// tail probability of about (p / block) exp(-(y - u) / b), whose negative decimal logarithm is
/// the surprise, in decades. Both u and b are followed online with bounded memory, an excess
/// counts at most 4 b, and a run of exceeding blocks makes u climb exponentially: a new regime.
package struct TailCalibrator {
  /// What distinguishes quick evidence from slow evidence. Both remember 8,000 samples.
  package struct Constants {
    /// p: share of block maxima above the threshold u.
    let exceedance: Float
    /// Memory in blocks.
    let memory: Float
    /// Samples in a block.
    let block: Int
    /// Block maxima collected before the first surprise.
    let collected: Int
    /// Exceeding blocks in a row before u accelerates.
    let patience: Int
    /// ln(block / p).
    let baseline: Float

    init(exceedance: Float, memory: Float, block: Int, collected: Int, patience: Int) {
      self.exceedance = exceedance
      self.memory = memory
      self.block = block
      self.collected = collected
      self.patience = patience
      baseline = logf(Float(block) / exceedance)
    }

    package static let fast = Constants(
      exceedance: 0.2, memory: 1000, block: 8, collected: 20, patience: 8)
    package static let slow = Constants(
      exceedance: 0.1, memory: 500, block: 16, collected: 12, patience: 4)
  }

  /// Largest surprise, in decades.
  static let maximumSurprise: Float = 30
  /// Weight, in excesses, and value of the prior for b.
  private static let priorWeight: Float = 20
  private static let priorScale: Float = 0.3
  /// An excess counts at most this many b.
  private static let excessCap: Float = 4
  /// Most maxima that any calibrator collects.
  private static let mostCollected = 20

  let constants: Constants
  /// Running mean of the evidence, each value counted at most 8 times the mean.
  private(set) var mean: Float = 0
  private var threshold: Float = 0
  private var scale: Float = TailCalibrator.priorScale
  private var excesses: Float = 0
  private var count = 0
  private var blocks = 0
  private var inBlock = 0
  private var run = 0
  private var maxima = InlineArray<20, Float>(repeating: 0)
  private var blockMaximum = -Float(1e30)
  private var isReady = false

  package init(_ constants: Constants) {
    self.constants = constants
  }

  /// Takes one value of the evidence.
  /// - Parameter value: v >= 0; counted at most 1e30.
  /// - Returns: surprise in decades, 0...30; 0 until enough blocks have been seen.
  package mutating func surprise(_ value: Double) -> Float {
    let evidence = min(value, 1e30)
    if count < 1 << 30 { count += 1 }
    let bounded = count > 20 && mean > 0 ? min(evidence, 8 * Double(mean)) : evidence
    mean += Float((bounded - Double(mean)) / Double(min(count, 2000)))
    let y = Float(log(evidence + Double(0.2 as Float * mean) + 1e-12))
    var result: Float = 0
    if isReady {
      var decades = (constants.baseline + (y - threshold) / scale) * 0.4342945
      // What is no more than its mean is no alarm. Without this, the first value after many zeros
      // lifts the mean so far that the zeros after it look rare.
      if evidence <= Double(mean) { decades = min(decades, Fusion.base) }
      result = max(0, min(TailCalibrator.maximumSurprise, decades))
    }
    blockMaximum = max(blockMaximum, y)
    inBlock += 1
    if inBlock == constants.block {
      let maximum = blockMaximum
      blockMaximum = -1e30
      inBlock = 0
      if isReady { follow(maximum) } else { collect(maximum) }
    }
    return result
  }

  private mutating func collect(_ maximum: Float) {
    var place = blocks
    while place > 0, maxima[place - 1] > maximum {
      maxima[place] = maxima[place - 1]
      place -= 1
    }
    maxima[place] = maximum
    blocks += 1
    guard blocks == constants.collected else { return }
    let exceeding = max(3, Int(constants.exceedance * Float(constants.collected)))
    threshold = maxima[constants.collected - exceeding - 1]
    var sum: Float = 0
    let cap = TailCalibrator.excessCap * TailCalibrator.priorScale * 4
    for index in (constants.collected - exceeding)..<constants.collected {
      sum += min(maxima[index] - threshold, cap)
    }
    scale =
      (sum + TailCalibrator.priorWeight * TailCalibrator.priorScale)
      / (Float(exceeding) + TailCalibrator.priorWeight)
    excesses = Float(exceeding)
    isReady = true
  }

  private mutating func follow(_ maximum: Float) {
    if blocks < 1 << 30 { blocks += 1 }
    let rate = 1 / min(Float(blocks), constants.memory)
    let p = constants.exceedance
    guard maximum > threshold else {
      threshold -= rate * scale
      run = 0
      return
    }
    excesses = min(excesses + 1, constants.memory * p)
    let excess = min(maximum - threshold, TailCalibrator.excessCap * scale)
    let weight = excesses + TailCalibrator.priorWeight
    scale +=
      (excess - scale) / weight
      + (TailCalibrator.priorScale - scale) * TailCalibrator.priorWeight / (weight * weight)
    run = min(run + 1, 1 << 20)
    let acceleration: Float =
      run > constants.patience ? Float(1 << min(run - constants.patience, 12)) : 1
    threshold += min(maximum - threshold, acceleration * rate * scale / p * (1 - p))
  }

  mutating func code(_ coder: inout some StateCoder) throws(DetectorDecodingError) {
    try coder.code(&mean)
    try coder.code(&threshold)
    try coder.code(&scale)
    try coder.code(&excesses)
    try coder.code(&count, in: 0...(1 << 30), "calibrator count")
    try coder.code(&isReady)
    try coder.code(
      &blocks, in: 0...(isReady ? 1 << 30 : constants.collected - 1), "calibrator blocks")
    try coder.code(&inBlock, in: 0...(constants.block - 1), "calibrator block position")
    try coder.code(&run, in: 0...(1 << 20), "calibrator run")
    try coder.code(&blockMaximum)
    for index in 0..<TailCalibrator.mostCollected {
      try coder.code(&maxima[index])
    }
  }
}
