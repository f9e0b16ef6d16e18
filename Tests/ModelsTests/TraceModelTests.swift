import Detection
import Models
import Series
import Testing

/// The kind `symbols`.
@Suite struct TraceModelTests {
  private static func recorded(
    _ recipe: TraceRecipe
  ) -> (trace: RecordedTrace, placed: [TraceRecipe.Placed]) {
    let (events, placed) = recipe.trace()
    var trace = RecordedTrace(name: "made.csv")
    for event in events {
      trace.append(Array(event.id.utf8), of: event.thread, at: event.timestamp)
    }
    return (trace, placed)
  }

  private static func train(
    _ trace: RecordedTrace, rows: Int, epochs: Int = 2
  ) throws -> TraceModel {
    var plan = TraceModel.Plan()
    plan.epochs = epochs
    let part = trace.kept(try #require(trace.span), 0..<rows)
    return try TraceTraining(plan, [part]).run(threads: 2, columns: ("event", "thread")) { _ in true
    }
  }

  private static let everyKind = TraceRecipe.Anomaly.allCases.map { kind in
    var injection = TraceRecipe.Injection(kind)
    injection.count = 2
    return injection
  }

  @Test func `a recipe has its anomalies in the second half, thread by thread`() throws {
    var recipe = TraceRecipe()
    (recipe.rows, recipe.threads, recipe.injections) = (4000, 2, TraceModelTests.everyKind)
    let (trace, placed) = TraceModelTests.recorded(recipe)
    #expect(trace.streams.map(\.thread).sorted() == ["t0", "t1"])
    #expect(placed.count == 16)
    let span = try #require(trace.span)
    let middle = span.lowerBound.advanced(by: span.upperBound.elapsed(since: span.lowerBound) / 3)
    for one in placed {
      #expect(one.first > middle && one.first <= one.last && one.last <= span.upperBound)
    }
    #expect(TraceModelTests.recorded(recipe).placed == placed)
  }

  @Test func `events calibrate when they are new, not when a later pass repeats them`() throws {
    var recipe = TraceRecipe()
    (recipe.rows, recipe.threads) = (3000, 1)
    let (trace, _) = TraceModelTests.recorded(recipe)
    func learning(epochs: Int) throws -> LearningFacts {
      var plan = TraceModel.Plan()
      (plan.epochs, plan.validationShare) = (epochs, 0)
      let model = try TraceTraining(plan, [trace]).run(threads: 1, columns: ("event", "thread")) {
        _ in true
      }
      #expect(model.bestEpoch == epochs)
      let stream = try #require(model.streams.first)
      return try SequenceDetector(
        decoding: stream.state, configuration: model.configuration, scratch: SymbolTraining()
      ).learning
    }
    let (once, twice) = (try learning(epochs: 1), try learning(epochs: 2))
    #expect(twice.updates > once.updates && twice.weights != once.weights)
    #expect(twice.usualEvidence == once.usualEvidence)
    #expect(once.usualEvidence.contains { $0 > 0 })
  }

  @Test func `a model finds what is wrong, says what was expected, and keeps threads apart`() throws
  {
    var recipe = TraceRecipe()
    (recipe.rows, recipe.threads, recipe.injections) = (12_000, 2, TraceModelTests.everyKind)
    let (trace, placed) = TraceModelTests.recorded(recipe)
    let model = try TraceModelTests.train(trace, rows: 6000)
    #expect(model.streams.map(\.thread).sorted() == ["t0", "t1"])
    #expect(model.bestEpoch > 0 && model.trainingLosses.count == model.validationLosses.count)
    let test = trace.kept(try #require(trace.span), 6000..<20_000)
    let run = TraceRun(model)
    var (found, alarms) = (0, 0)
    for stream in test.streams.indices {
      let recorded = test.streams[stream]
      let faults = placed.filter { $0.thread == recorded.thread }
      var hits: Set<Int> = []
      run.judge(test, stream: stream) { event, row in
        guard row.isAlarm else { return }
        let moment = recorded.timestamps[event]
        // Within eight trace events of it.
        let early = recorded.timestamps[max(0, event - 8)]
        if let hit = faults.firstIndex(where: { $0.first <= moment && $0.last >= early }) {
          hits.insert(hit)
        } else if row.facts != nil {
          alarms += 1
        }
        #expect(row.score >= 1 && row.isKnown)
        if let facts = row.facts { #expect(!facts.id.isEmpty && facts.previous != nil) }
      }
      found += hits.count
    }
    #expect(found >= 12, "\(found) of \(placed.count)")
    #expect(alarms <= 6, "\(alarms) false alarms")
  }

  @Test func `a model from a file gives the same scores, and a damaged one is refused`() throws {
    var recipe = TraceRecipe()
    (recipe.rows, recipe.threads) = (3000, 1)
    let (trace, _) = TraceModelTests.recorded(recipe)
    let model = try TraceModelTests.train(trace, rows: 2500, epochs: 1)
    let bytes = model.bytes
    let restored = try TraceModel(bytes: bytes)
    #expect(restored.bytes == bytes && restored.provenance == model.provenance)
    func scores(_ model: TraceModel) -> [Double] {
      var scores: [Double] = []
      TraceRun(model).judge(trace, stream: 0) { scores.append($1.score) }
      return scores
    }
    #expect(scores(model) == scores(restored))
    for place in stride(from: 0, to: bytes.count, by: bytes.count / 50) {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: TrainedModel.FileError.self) { try TraceModel(bytes: damaged) }
    }
    #expect(TrainedModel.kind(of: bytes) == TraceModel.kind)
    #expect(throws: TrainedModel.FileError.otherContent(kind: "symbols")) {
      try TrainedModel(bytes: bytes)
    }
    let values = try Recordings.model(WindowModel.self).bytes
    #expect(TrainedModel.kind(of: values) == "window")
    #expect(throws: TrainedModel.FileError.self) { try TraceModel(bytes: values) }
  }

  @Test func `a trace without threads, whose columns nobody named, is one stream`() throws {
    var recipe = TraceRecipe()
    (recipe.rows, recipe.threads) = (2500, 1)
    var trace = RecordedTrace(name: "one.csv")
    for event in recipe.trace().events {
      trace.append(Array(event.id.utf8), of: "", at: event.timestamp)
    }
    var plan = TraceModel.Plan()
    plan.epochs = 1
    let model = try TraceTraining(plan, [trace]).run(threads: 1, columns: ("", "")) { _ in true }
    let restored = try TraceModel(bytes: model.bytes)
    #expect(restored.streams == model.streams && restored.columns == ("", ""))
    #expect(TraceRun(restored).knows(""))
  }

  @Test func `a thread that is too short is left out and named`() throws {
    var recipe = TraceRecipe()
    (recipe.rows, recipe.threads) = (2500, 2)
    var (trace, _) = TraceModelTests.recorded(recipe)
    for second in 0..<10 {
      trace.append(
        Array("x".utf8), of: "short", at: recipe.start.advanced(by: .seconds(second)))
    }
    let model = try TraceModelTests.train(trace, rows: 2500, epochs: 1)
    #expect(model.streams.map(\.thread).sorted() == ["t0", "t1"])
    #expect(model.provenance.dropped == ["short has fewer than 2000 trace events"])
    #expect(!TraceRun(model).knows("short") && TraceRun(model).knows("t1"))
    #expect(throws: TraceTraining.Failure.tooFewEvents(found: 100, needed: 2000)) {
      try TraceModelTests.train(trace, rows: 100)
    }
  }
}
