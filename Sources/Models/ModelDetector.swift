package import Detection
import Glibc
package import Series

/// Judges rows of several metrics with a trained model. The same calibration as in every detector
/// learns what is usual; the model itself learns nothing.
///
/// Its value is the distance of a row from the model's expectation, in standard deviations, or a
/// classifier's probability.
package final class ModelDetector: Detector {
  /// Version of the stored state.
  private static let formatVersion: UInt32 = 1
  /// Decades for exceeding a fixed threshold by its own value: at twice the threshold, an alarm is
  /// as certain as one in 5000 samples.
  private static let decadesOfThreshold = 3.7

  package let configuration: DetectorConfiguration
  /// The model.
  package let loaded: LoadedModel
  /// Rows being assembled; part of the state.
  package var rows: RowAssembler
  /// The metrics of the columns, for messages.
  package var columnNames: [String]
  package private(set) var columnFacts: [ColumnFact] = []

  private let reader: any RowReader
  private var preparer: RowPreparer
  private var tape: RowTape
  private var readings = RowReadings()
  private var judge: RowJudge
  private let core: RowCore
  /// The contribution of each error to the distance.
  private var shares: [Double]
  private let isClassifier: Bool

  /// A detector that has seen nothing.
  package init(_ loaded: LoadedModel, configuration: DetectorConfiguration) {
    let model = loaded.model
    guard let reader = model.reader else {
      preconditionFailure("a model of an unknown kind cannot be read")
    }
    self.loaded = loaded
    self.configuration = configuration
    self.reader = reader
    rows = RowAssembler(columns: model.columns.count, interval: model.interval)
    columnNames = loaded.columns
    preparer = model.preparer
    tape = model.tape
    judge = model.judge
    core = RowCore(configuration: configuration)
    shares = Array(repeating: 0, count: reader.width)
    isClassifier = ModelKinds.named(model.kind)?.isSupervised == true
  }

  package var family: Evidence.Family { .rows }
  package var seen: Int { core.seen }
  package var alarmHeadroom: Float { core.alarmHeadroom }

  package var byteCount: Int {
    // Weights are held by the model and by its readers; most of the rest is rows in memory.
    let rows = loaded.model.plan.window * (2 * loaded.model.inputCount + 8)
    return RowCore.byteCount + 8 * loaded.model.weights.count + 8 * rows * loaded.model.plan.members
  }

  package var learning: LearningFacts {
    LearningFacts(
      seen: seen, updates: 0, belief: 1, weights: [], usualEvidence: core.usualEvidence)
  }

  package func step(
    _ observation: Observation, at timestamp: Timestamp, _ context: StepContext,
    next: (any Detector)?
  ) -> Verdict {
    if !columnFacts.isEmpty { columnFacts = [] }
    guard case .row(let values) = observation else {
      preconditionFailure("a detector of rows takes rows")
    }
    tape.removeAll()
    readings.removeAll()
    guard preparer.append(at: timestamp, to: &tape, { values[$0] }) else {
      return core.step(nil, context)
    }
    if tape.begins[0] { judge.forget() }
    reader.read(tape, into: &readings)
    guard let finding = finding() else { return core.step(nil, context) }
    let verdict = core.step(finding, context)
    if verdict.alarm == .first { columnFacts = facts(values, verdict) }
    return verdict
  }

  /// The finding for the newest row's errors; nil if nothing is known about the row.
  private func finding() -> RowFinding? {
    readings.errors.withUnsafeBufferPointer { errors in
      guard let start = errors.baseAddress, judge.observe(start) else { return nil }
      let distance = judge.distance(start, ofMean: false, shares: &shares)
      guard let threshold = judge.fixedThreshold else {
        return .distance(
          distance,
          lasting: judge.watchesMean ? judge.distance(start, ofMean: true, shares: &shares) : nil)
      }
      return .rated(
        distance, threshold: threshold, excess: excess(of: distance, over: threshold))
    }
  }

  /// By how many decades the odds of an anomaly exceed those at the threshold; for distances, which
  /// are not probabilities, in proportion to the threshold.
  private func excess(of value: Double, over threshold: Double) -> Double {
    guard threshold.isFinite, threshold > 0 else { return -12 }
    guard isClassifier else { return ModelDetector.decadesOfThreshold * (value / threshold - 1) }
    func odds(_ probability: Double) -> Double {
      let bounded = max(1e-9, min(1 - 1e-9, probability))
      return bounded / (1 - bounded)
    }
    return log10(odds(value) / odds(threshold))
  }

  // MARK: Columns

  private func facts(_ values: Span<Double>, _ verdict: Verdict) -> [ColumnFact] {
    let model = loaded.model
    readings.errors.withUnsafeBufferPointer { errors in
      guard let start = errors.baseAddress else { return }
      _ = judge.distance(start, ofMean: verdict.reason == .rows16, shares: &shares)
    }
    var parts = [Double](repeating: 0, count: model.columns.count)
    let total = shares.reduce(0, +)
    for (error, share) in shares.enumerated() where total > 0 {
      model.spread(share / total, of: reader.column(of: error), over: &parts)
    }
    let expected = model.expected(Array(readings.forecasts.prefix(model.inputCount)))
    let order = parts.indices.sorted { parts[$0] > parts[$1] }
    return order.prefix(ColumnFact.most).enumerated().filter {
      $0.offset == 0 || parts[$0.element] >= ColumnFact.leastShare
    }.map { _, column in
      let usual = expected[column].isFinite ? expected[column] : model.columns[column].usual
      return ColumnFact(
        metric: columnNames[column], value: values[column], usual: usual, share: parts[column])
    }
  }

  // MARK: State

  package func encode() -> [UInt8] {
    StateEncoder.bytes(capacity: 4096) { (coder: inout StateEncoder) throws(StateDecodingError) in
      try code(&coder)
    }
  }

  package func restored(
    from bytes: [UInt8], configuration: DetectorConfiguration
  ) throws(StateDecodingError) -> any Detector {
    let detector = ModelDetector(loaded, configuration: configuration)
    detector.columnNames = columnNames
    try StateDecoder.decode(bytes) { (coder: inout StateDecoder) throws(StateDecodingError) in
      try detector.code(&coder)
    }
    return detector
  }

  private func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(version: ModelDetector.formatVersion, seed: configuration.seed)
    var checksum = loaded.checksum
    try coder.code(&checksum)
    guard checksum == loaded.checksum else {
      throw .otherModel(found: checksum, expected: loaded.checksum)
    }
    try rows.code(&coder)
    try preparer.code(&coder)
    try judge.codeState(&coder)
    try core.code(&coder)
    try reader.code(&coder)
  }

  package func alarms(on evidence: EvidenceVector, feedbackOffsets: EvidenceVector) -> Bool {
    core.alarms(on: evidence, feedbackOffsets: feedbackOffsets)
  }

  package func undoStormGuard() { core.undoStormGuard() }
}

extension ModelColumn {
  /// The training mean, if that is in the column's unit.
  fileprivate var usual: Double { transform == .none ? mean : .nan }
}
