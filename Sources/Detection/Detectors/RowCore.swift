package import Series

/// Turns a trained model's findings about rows into verdicts, with the same calibration, threshold,
/// storm guard and hold-off as every detector.
package final class RowCore {
  /// Version of the stored state.
  private static let formatVersion: UInt32 = 1
  /// Memory of the usual value, in rows.
  private static let usualMemory = 500.0

  private let memory = MemoryBlock<RowLayout>()
  private let seed: UInt64
  private var source: RowEvidence
  private var judge: Judge
  private var usual = 0.0
  /// Rows judged so far, excluding those that the model could not judge.
  package private(set) var seen = 0

  /// Bytes of memory in use.
  package static var byteCount: Int {
    MemoryBlock<RowLayout>.byteCount + 16 + MemoryLayout<Judge>.stride + 64
  }

  /// A core that has seen nothing.
  package init(configuration: DetectorConfiguration) {
    let layout = memory.layout
    seed = configuration.seed
    source = layout.source
    judge = Judge(
      .rows, threshold: AlarmThreshold(budget: configuration.alarmBudget), places: layout.judge)
  }

  /// The usual size of each kind of evidence, by lane.
  package var usualEvidence: [Float] { judge.usualEvidence }

  /// Judges a row.
  /// - Parameter finding: nil if the model could not judge the row: a gap.
  package func step(_ finding: RowFinding?, _ context: StepContext) -> Verdict {
    guard let finding else {
      return judge.skip(.nan, expected: usual, seen: seen, context)
    }
    let value: Double
    let upper: Double
    // A threshold chosen on recordings needs no learning here.
    var known = seen
    switch finding {
    case .distance(let distance, _):
      value = distance
      upper = judge.band.multiplier * (usual + 0.1)
    case .rated(let found, let threshold, _):
      (value, upper) = (found, threshold)
      known += AlarmThreshold.longestWarmUp
    }
    var scales = judge.scales(learns: context.learns && context.calibrates)
    source.weigh(
      RowInput(
        finding: finding,
        threshold: judge.ownThreshold(
          budgetOffset: context.warmUpOffset ?? context.budgetOffset)), &scales)
    let expectation = Judge.Expectation(value: value, expected: usual, lower: 0, upper: upper)
    var verdict = judge.judge(
      scales.evidence, of: expectation, seen: known, context, sources: source)
    if context.learns {
      judge.band.learn(isOutside: value > upper)
      usual += (value - usual) / min(Double(seen + 1), RowCore.usualMemory)
    }
    seen += 1
    verdict.state = judge.state(seen: known + 1, context)
    return verdict
  }

  // MARK: Forwarded to the judge

  /// See ``Detector/alarmHeadroom``.
  package var alarmHeadroom: Float { judge.alarmHeadroom(seen: seen) }

  /// See ``Detector/alarms(on:feedbackOffsets:)``.
  package func alarms(on evidence: EvidenceVector, feedbackOffsets: EvidenceVector) -> Bool {
    judge.alarms(on: evidence, seen: seen, feedback: feedbackOffsets)
  }

  /// See ``Detector/undoStormGuard()``.
  package func undoStormGuard() { judge.undoStormGuard() }

  /// Reads or writes the state.
  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(version: RowCore.formatVersion, seed: seed)
    try coder.code(count: &seen, "rows")
    try coder.code(&usual)
    try judge.code(&coder)
  }
}

/// The memory of a core.
struct RowLayout: DetectorLayout {
  let source: RowEvidence
  let judge: JudgePlaces

  init(_ cursor: inout MemoryCursor) {
    source = RowEvidence(&cursor)
    judge = JudgePlaces(.rows, &cursor)
  }
}
