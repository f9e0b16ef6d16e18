import Glibc

/// Adds up the kinds of evidence, and maps the sum to log10 of normal samples per alarm.
package enum Fusion {
  /// Surprise that any evidence must exceed before it counts, in decades.
  static let base: Float = 2
  /// Samples at which the calibrators' memory is full.
  private static let memory = 8000.0
  /// Highest score.
  static let maximumScore: Float = 12
  /// Beyond log10 of the samples seen plus this many decades, a score grows at a quarter of its
  /// rate: a thousand samples cannot show what happens once in a million.
  private static let experience = 1.0
  private static let beyondExperience: Float = 0.25

  /// Two lanes that measure much the same.
  struct Echo: Sendable, BitwiseCopyable {
    let first: Int
    let second: Int

    init(_ first: EvidenceKind, _ second: EvidenceKind) {
      (self.first, self.second) = (first.lane, second.lane)
    }

    /// The part that is counted twice.
    @inline(__always) func excess(in exceeding: SIMD16<Float>) -> Float {
      max(0, min(exceeding[first], exceeding[second]))
    }
  }

  /// What differs between the families of evidence.
  struct Constants: Sendable, BitwiseCopyable {
    /// Number of kinds in the family, and their ids by lane; not an array, which would be retained
    /// for every sample.
    let count: Int
    private let ids: SIMD16<UInt8>
    /// Offset of each kind beyond the base, by lane.
    let offsets: SIMD16<Float>
    /// Decades subtracted per decade of memory: the longer the observation, the rarer rare must be.
    let memoryWeight: Double
    /// Score of a sum of 0, and score per decade of the sum; fitted on anomaly-free development data.
    let intercept: Float
    let slope: Float
    /// Whether the onset of evidence is known, so that events begin there.
    let knowsOnset: Bool
    /// Whether scores are limited by ``Fusion/experience``.
    let isLimitedByExperience: Bool
    /// Lanes, as bits, whose evidence counts only as far as a lane of ``corroborating`` exceeds its
    /// base; they come after those lanes.
    let corroborated: UInt16
    let corroborating: UInt16
    /// Two pairs of lanes that measure much the same: of two that count, the smaller adds nothing.
    let echoes: InlineArray<2, Echo>?
    /// The lane that begins another episode within a hold-off; see ``Fusion/renews(_:feedback:)``.
    let renewing: Int?

    fileprivate init(
      _ kinds: [EvidenceKind], memoryWeight: Double, intercept: Float, slope: Float,
      knowsOnset: Bool, isLimitedByExperience: Bool = false, corroborated: [EvidenceKind] = [],
      by corroborating: [EvidenceKind] = [], echoes: InlineArray<2, Echo>? = nil,
      renewing: EvidenceKind? = nil
    ) {
      precondition(
        kinds.map(\.lane).sorted() == Array(0..<kinds.count)
          && kinds.count <= EvidenceVector.lanes,
        "kinds of evidence have lanes of their own, without a gap")
      count = kinds.count
      var ids = SIMD16<UInt8>(repeating: 0)
      var offsets = SIMD16<Float>(repeating: 0)
      for kind in kinds {
        ids[kind.lane] = kind.id
        offsets[kind.lane] = kind.offset
      }
      self.ids = ids
      self.offsets = offsets
      self.memoryWeight = memoryWeight
      self.intercept = intercept
      self.slope = slope
      self.knowsOnset = knowsOnset
      self.isLimitedByExperience = isLimitedByExperience
      self.corroborated = Constants.bits(of: corroborated)
      self.corroborating = Constants.bits(of: corroborating)
      self.echoes = echoes
      self.renewing = renewing?.lane
    }

    private static func bits(of kinds: [EvidenceKind]) -> UInt16 {
      kinds.reduce(0) { $0 | 1 << UInt16($1.lane) }
    }

    /// The kind of evidence on a lane below ``count``.
    func evidence(on lane: Int) -> Evidence { Evidence(stored: ids[lane]) }
  }

  private static let values = Constants(
    ValueSources.kinds, memoryWeight: 0.5, intercept: 2.95, slope: 0.42, knowsOnset: true,
    isLimitedByExperience: true, corroborated: ValueEvidence.kinds,
    by: [JumpEvidence.kind, WindowEvidence.short],
    echoes: [
      Echo(JumpEvidence.kind, SeasonEvidence.single), Echo(DriftEvidence.kind, SeasonEvidence.mean),
    ], renewing: JumpEvidence.kind)
  private static let symbols = Constants(
    SymbolSources.kinds, memoryWeight: 0, intercept: 1.5, slope: 1.42, knowsOnset: false,
    isLimitedByExperience: false)

  /// The surprise of a calibrator is itself a score; two of them judge each row and the larger
  /// counts, hence log10 of 2.
  private static let rows = Constants(
    RowEvidence.kinds, memoryWeight: 0, intercept: 1.7, slope: 1, knowsOnset: false)

  static func constants(of family: Evidence.Family) -> Constants {
    switch family {
    case .values: values
    case .symbols: symbols
    case .rows: rows
    }
  }

  /// The evidence of one observation, added up.
  struct Sum {
    /// Sum of all kinds that exceed their offsets, in decades; 0 if none does.
    var total: Float = 0
    /// Of the strongest kind.
    var strongest: Float
    /// Its lane.
    var lane = 0
  }

  /// Adds up the evidence of an observation.
  /// - Parameter feedback: additional offset of each kind; see ``FeedbackLedger``.
  /// - Parameter omitted: rules that are not applied.
  static func sum(
    _ evidence: EvidenceVector, feedback: EvidenceVector, omitting omitted: DetectorParts = []
  ) -> Sum {
    let constants = constants(of: evidence.family)
    let exceeding = evidence.decades - base - constants.offsets - feedback.decades
    let corroborated = omitted.contains(.corroboration) ? 0 : constants.corroborated
    var sum = Sum(strongest: exceeding[0])
    var corroboration: Float = 0
    exceeding.forEachLane(below: constants.count) { lane, excess in
      var value = excess
      let bit: UInt16 = 1 << UInt16(truncatingIfNeeded: lane)
      if constants.corroborating & bit != 0 { corroboration = max(corroboration, value) }
      // A new value is evidence only to the extent that the forecast or the shape is surprising as
      // well.
      if corroborated & bit != 0 { value = min(value, corroboration) }
      if value > sum.strongest {
        sum.strongest = value
        sum.lane = lane
      }
      if value > 0 { sum.total += value }
    }
    if sum.total > 0, !omitted.contains(.echoes), let echoes = constants.echoes {
      sum.total -= echoes[0].excess(in: exceeding) + echoes[1].excess(in: exceeding)
    }
    return sum
  }

  /// Whether an alarm on such evidence may begin another episode soon after one: the jump is the
  /// largest.
  ///
  /// Any other alarm is the same anomaly: windows and means still contain it, and a value that was
  /// never seen before continues it.
  package static func renews(_ evidence: EvidenceVector, feedback: EvidenceVector) -> Bool {
    let constants = constants(of: evidence.family)
    guard let lane = constants.renewing else { return false }
    let exceeding = evidence.decades - base - constants.offsets - feedback.decades
    return exceeding[lane] > 0 && exceeding[lane] >= exceeding.max()
  }

  /// The score of a sum after `seen` earlier observations.
  /// - Parameter omitted: rules that are not applied.
  static func score(
    _ sum: Sum, of family: Evidence.Family, seen: Int, omitting omitted: DetectorParts = []
  ) -> Float {
    let constants = constants(of: family)
    let decades =
      (sum.total > 0 ? sum.total : sum.strongest) - memoryDecades(constants, seen)
    var score = constants.intercept + constants.slope * decades
    if score > 3 || seen < 100, !omitted.contains(.experience) {
      let known = knownDecades(constants, seen)
      if score > known { score = known + beyondExperience * (score - known) }
    }
    return max(0, min(maximumScore, score))
  }

  /// The score beyond which it is limited by experience.
  private static func knownDecades(_ constants: Constants, _ seen: Int) -> Float {
    constants.isLimitedByExperience ? Float(log10(Double(max(seen, 1))) + experience) : .infinity
  }

  /// By how much all kinds of evidence together may exceed their offsets, in decades, for a score
  /// below `threshold`.
  static func alarmHeadroom(
    below threshold: Double, of family: Evidence.Family, seen: Int
  ) -> Float {
    let constants = constants(of: family)
    var score = Float(threshold)
    let known = knownDecades(constants, seen)
    if score > known { score = known + (score - known) / beyondExperience }
    return (score - constants.intercept) / constants.slope + memoryDecades(constants, seen)
  }

  /// The decades of an observation's only kind of evidence that result in this score.
  static func decades(scoring score: Double, _ family: Evidence.Family) -> Float {
    let constants = constants(of: family)
    return (Float(score) - constants.intercept) / constants.slope + base
  }

  /// By how much evidence exceeds its offset, in decades.
  package static func exceeding(_ evidence: EvidenceVector) -> EvidenceVector {
    let constants = constants(of: evidence.family)
    var exceeding = evidence.decades - base - constants.offsets
    var corroboration: Float = 0
    for lane in 0..<constants.count {
      let bit: UInt16 = 1 << UInt16(lane)
      if constants.corroborating & bit != 0 { corroboration = max(corroboration, exceeding[lane]) }
      if constants.corroborated & bit != 0 { exceeding[lane] = min(exceeding[lane], corroboration) }
    }
    return EvidenceVector(evidence.family, decades: exceeding)
  }

  private static func memoryDecades(_ constants: Constants, _ seen: Int) -> Float {
    let warmUp = Double(AlarmThreshold.leastWarmUp)
    let looked = min(max(Double(seen), warmUp), memory)
    return Float(constants.memoryWeight * log10(looked / warmUp))
  }
}

extension SIMD16<Float> {
  /// Calls `body` for each lane below `count`, in order. Faster than the subscript, which stores the
  /// whole vector for each lane.
  @inline(__always)
  func forEachLane(below count: Int, _ body: (Int, Float) -> Void) {
    withUnsafeBytes(of: self) { bytes in
      for lane in 0..<count {
        body(lane, bytes.loadUnaligned(fromByteOffset: 4 * lane, as: Float.self))
      }
    }
  }
}
