import Series

/// The judge's state for one kind of evidence.
struct EvidenceMeter: BitwiseCopyable {
  /// Longer than any source looks back.
  private static let longestRun: Int32 = 1 << 30

  var calibrator: TailCalibrator
  /// Consecutive observations, including the newest, in which the evidence counted.
  private var length: Int32 = 0
  /// By how many observations the cause preceded the first of them.
  private var delay: UInt8 = 0

  init(_ kind: EvidenceKind) {
    calibrator = TailCalibrator(kind.pace)
  }

  /// By how many observations the cause precedes the newest one; 0: same time.
  var reach: Int { length > 0 ? Int(length) - 1 + Int(delay) : 0 }

  /// Whether the evidence counted in the newest observation.
  var counts: Bool { length > 0 }

  /// Records whether the evidence counts now.
  /// - Parameter delay: called when it begins to count.
  mutating func note(_ counts: Bool, delay: () -> Int) {
    guard counts else {
      length = 0
      return
    }
    if length < EvidenceMeter.longestRun { length += 1 }
    if length == 1 { self.delay = UInt8(clamping: delay()) }
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try calibrator.code(&coder)
    try codeLength(&coder)
    try codeDelay(&coder)
  }

  mutating func codeLength(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&length, in: 0...EvidenceMeter.longestRun, "samples in a row")
  }

  mutating func codeDelay(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&delay, in: 0...UInt8.max, "delay of the evidence")
  }

  /// Sets the delay of a run that version 0.1 stored without it.
  mutating func restoreDelay(_ delay: Int) { self.delay = UInt8(clamping: delay) }
}

/// One observation while its evidence is weighed.
struct Scales {
  private let meters: UnsafeMutablePointer<EvidenceMeter>
  /// Whether calibrators learn.
  let learns: Bool
  /// The evidence weighed so far.
  private(set) var evidence: EvidenceVector

  init(_ family: Evidence.Family, meters: UnsafeMutablePointer<EvidenceMeter>, learns: Bool) {
    self.meters = meters
    self.learns = learns
    evidence = EvidenceVector(family)
  }

  /// Weighs the size of a kind of evidence, >= 0, against its usual size.
  mutating func weigh(_ kind: EvidenceKind, _ value: Double) {
    evidence.decades[kind.lane] = surprise(kind, value)
  }

  /// As ``weigh(_:_:)``, limited to `limit` decades.
  mutating func weigh(_ kind: EvidenceKind, _ value: Double, atMost limit: Float) {
    evidence.decades[kind.lane] = min(surprise(kind, value), limit)
  }

  private func surprise(_ kind: EvidenceKind, _ value: Double) -> Float {
    learns
      ? meters[kind.lane].calibrator.surprise(value)
      : meters[kind.lane].calibrator.unlearntSurprise(value)
  }

  /// Records evidence whose rarity is known without a calibrator.
  mutating func put(_ kind: EvidenceKind, decades: Float) { evidence.decades[kind.lane] = decades }

  /// Discards what has been weighed.
  mutating func clear() { evidence = EvidenceVector(evidence.family) }

  /// The mean size of a kind of evidence.
  func mean(of kind: EvidenceKind) -> Float { meters[kind.lane].calibrator.mean }
}
