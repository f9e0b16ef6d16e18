import Series

/// For how long each kind of evidence has been speaking without a break, so that an event can say
/// when it began and not only when it was proven.
struct EvidenceRuns {
  /// Samples in a row, the newest one included, in which each kind spoke.
  private var lengths = SIMD8<Int32>(repeating: 0)
  /// By how many samples the cause came before the first word, for the kinds that look back far and
  /// speak late.
  private var driftDelay = 0
  private var quietDelay = 0

  /// Takes what each kind says of a sample.
  mutating func learn(_ surprises: SIMD8<Float>, drift: DriftEvidence, quiet: QuietEvidence) {
    let speaks = surprises .> (Fusion.Constants.values.offsets + Fusion.base)
    lengths = (lengths &+ 1).replacing(with: 0, where: .!speaks)
    // After years in a row; far beyond what any history holds.
    lengths = lengths.replacing(with: 1 << 30, where: lengths .> 1 << 30)
    if lengths[Evidence.drift.index] == 1 { driftDelay = drift.samplesSinceChange }
    if lengths[Evidence.quiet.index] == 1 { quietDelay = quiet.samplesSinceChange }
  }

  /// How many samples before the newest one the evidence of a kind began; 0: with it.
  func reach(_ kind: Evidence) -> Int {
    let length = Int(lengths[kind.index])
    guard length > 0 else { return 0 }
    let delay =
      switch kind {
      case .drift: driftDelay
      case .quiet: quietDelay
      // They look once an aggregate, at the end of it.
      case .window48: WindowNovelty.Span.window48.aggregate - 1
      case .window144: WindowNovelty.Span.window144.aggregate - 1
      default: 0
      }
    return length - 1 + delay
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    for index in 0..<8 {
      var length = Int(lengths[index])
      try coder.code(&length, in: 0...(1 << 30), "samples in a row")
      lengths[index] = Int32(length)
    }
    try coder.code(&driftDelay, in: 0...DriftEvidence.window, "delay of the drift")
    try coder.code(&quietDelay, in: 0...QuietEvidence.window, "delay of the quiet")
  }
}
