import Glibc

/// Adds up the kinds of evidence, and maps the sum to log10 of normal samples per alarm.
package enum Fusion {
  /// Surprise that any evidence must exceed before it counts, in decades.
  static let base: Float = 2
  /// Samples at which the memory of the calibrators is full.
  private static let memory = 8000.0
  /// Highest score.
  static let maximumScore: Float = 12

  /// What differs between the families of evidence.
  struct Constants: Sendable, BitwiseCopyable {
    /// How many kinds the family has, and their ids by lane; no array, which would be retained for
    /// every sample.
    let count: Int
    private let ids: SIMD16<UInt8>
    /// What each kind must exceed beyond the base, by lane.
    let offsets: SIMD16<Float>
    /// Decades taken off per decade of memory: the longer the observation, the rarer rare must be.
    let memoryWeight: Double
    /// Score of a sum of 0, and score per decade of the sum; fitted on anomaly-free development data.
    let intercept: Float
    let slope: Float
    /// Whether the onset of evidence is known, so that events begin there.
    let knowsOnset: Bool

    fileprivate init(
      _ kinds: [EvidenceKind], memoryWeight: Double, intercept: Float, slope: Float,
      knowsOnset: Bool
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
    }

    /// The kind of evidence on a lane below ``count``.
    func evidence(on lane: Int) -> Evidence { Evidence(stored: ids[lane]) }
  }

  private static let values = Constants(
    ValueSources.kinds, memoryWeight: 0.5, intercept: 2.95, slope: 0.42, knowsOnset: true)
  private static let symbols = Constants(
    SymbolSources.kinds, memoryWeight: 0, intercept: 1.5, slope: 1.42, knowsOnset: false)

  /// The surprise of a calibrator is a score by itself; two of them look at each row, of which the
  /// greater counts half the time, hence log10 of 2.
  private static let rows = Constants(
    RowEvidence.kinds, memoryWeight: 0, intercept: 1.7, slope: 1, knowsOnset: false)

  static func constants(of family: Evidence.Family) -> Constants {
    switch family {
    case .values: values
    case .symbols: symbols
    case .rows: rows
    }
  }

  /// Score, and lane of the strongest evidence, of an observation that follows `seen` earlier ones.
  /// - Parameter feedback: what each kind must exceed in addition; see ``FeedbackLedger``.
  static func score(
    _ evidence: EvidenceVector, seen: Int, feedback: EvidenceVector
  ) -> (score: Float, lane: Int) {
    let constants = constants(of: evidence.family)
    let exceeding = evidence.decades - base - constants.offsets - feedback.decades
    var sum: Float = 0
    var strongest = exceeding[0]
    var strongestLane = 0
    exceeding.forEachLane(below: constants.count) { lane, value in
      if value > strongest {
        strongest = value
        strongestLane = lane
      }
      if value > 0 { sum += value }
    }
    if sum <= 0 { sum = strongest }
    sum -= memoryDecades(constants, seen)
    let score = max(0, min(maximumScore, constants.intercept + constants.slope * sum))
    return (score, strongestLane)
  }

  /// What all kinds of evidence together may exceed, in decades, for a score below `threshold`.
  static func alarmHeadroom(
    below threshold: Double, of family: Evidence.Family, seen: Int
  ) -> Float {
    let constants = constants(of: family)
    return (Float(threshold) - constants.intercept) / constants.slope
      + memoryDecades(constants, seen)
  }

  /// The decades of the only kind of evidence of an observation that has this score.
  static func decades(scoring score: Double, _ family: Evidence.Family) -> Float {
    let constants = constants(of: family)
    return (Float(score) - constants.intercept) / constants.slope + base
  }

  /// By how much evidence exceeds what it must exceed before it counts, in decades.
  package static func exceeding(_ evidence: EvidenceVector) -> EvidenceVector {
    EvidenceVector(
      evidence.family, decades: evidence.decades - base - constants(of: evidence.family).offsets)
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
