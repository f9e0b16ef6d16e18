import Detection
import Networks
import Series

/// Trains a ``TraceModel``: the detector of each thread passes over the first part of its streams
/// repeatedly, and its result on the last part decides when training ends.
package struct TraceTraining {
  /// Why training is impossible.
  package enum Failure: Error, Equatable {
    /// No thread has enough trace events.
    case tooFewEvents(found: Int, needed: Int)
    /// There are more threads than a model may have.
    case tooManyThreads(found: Int, most: Int)
  }

  /// Minimum number of trace events of a thread: those that its detector needs before it alarms
  /// freely.
  package static let leastEvents = AlarmThreshold.longestWarmUp

  private let plan: TraceModel.Plan
  private let traces: [RecordedTrace]

  /// A training on traces; threads with the same name in several traces are treated as one.
  package init(_ plan: TraceModel.Plan, _ traces: [RecordedTrace]) {
    self.plan = plan
    self.traces = traces
  }

  /// Trains. Threads with fewer than ``leastEvents`` trace events are left out and named in the
  /// provenance: a model judges them as the daemon judges new threads.
  /// - Parameters:
  ///   - threads: number of threads used for training.
  ///   - columns: the names of the columns of ids and of threads.
  ///   - proceed: called after each epoch; false ends the training.
  package func run(
    threads: Int, columns: (event: String, thread: String),
    proceed: (ModelTrainer.Progress) -> Bool
  ) throws(Failure) -> TraceModel {
    var provenance = TrainedModel.Provenance()
    provenance.validationShare = plan.validationShare
    for trace in traces {
      guard let span = trace.span else { continue }
      let name = trace.name.split(separator: "/").last.map(String.init) ?? trace.name
      provenance.files.append(
        .init(name: name, rows: trace.count, first: span.lowerBound, last: span.upperBound))
    }
    var lessons: [Lesson] = []
    var longest = 0
    for name in threadNames {
      let lesson = Lesson(name, traces, plan)
      longest = max(longest, lesson.events)
      if lesson.events >= TraceTraining.leastEvents {
        lessons.append(lesson)
      } else {
        provenance.dropped.append(
          "\(name) has fewer than \(TraceTraining.leastEvents) trace events")
      }
    }
    guard !lessons.isEmpty else {
      throw .tooFewEvents(found: longest, needed: TraceTraining.leastEvents)
    }
    guard lessons.count <= TraceModel.mostStreams else {
      throw .tooManyThreads(found: lessons.count, most: TraceModel.mostStreams)
    }
    var model = TraceModel(plan: plan, columns: columns, provenance: provenance)
    let classroom = Classroom(lessons)
    let team = WorkerTeam(jobs: lessons.count, threads: threads) { classroom.lessons[$0].pass() }
    var best = Double.infinity
    for epoch in 1...plan.epochs {
      team.run()
      let trained = mean(lessons.map(\.trained))
      let judged = mean(lessons.map(\.judged))
      model.trainingLosses.append(trained)
      model.validationLosses.append(judged)
      let decisive = judged.isFinite ? judged : trained
      if decisive < best {
        best = decisive
        model.bestEpoch = epoch
        for lesson in lessons { lesson.keep() }
      }
      let progress = ModelTrainer.Progress(
        epoch: epoch, epochs: plan.epochs, trainingLoss: trained, validationLoss: judged,
        bestEpoch: model.bestEpoch, patience: plan.patience)
      if !proceed(progress) || epoch - model.bestEpoch >= plan.patience { break }
    }
    model.streams = lessons.map {
      .init(thread: $0.thread, events: $0.events, last: $0.last, state: $0.best)
    }
    return model
  }

  private var threadNames: [String] {
    var names: [String] = []
    for trace in traces {
      for stream in trace.streams where !names.contains(stream.thread) {
        names.append(stream.thread)
      }
    }
    return names
  }

  private func mean(_ bits: [(sum: Double, count: Int)]) -> Double {
    let count = bits.reduce(0) { $0 + $1.count }
    return count > 0 ? bits.reduce(0) { $0 + $1.sum } / Double(count) : .nan
  }

  /// The lessons; while the team works, each is used by one thread only.
  private final class Classroom: @unchecked Sendable {
    let lessons: [Lesson]

    init(_ lessons: [Lesson]) {
      self.lessons = lessons
    }
  }

  /// One thread's detector and its training data.
  private final class Lesson {
    let thread: String
    /// Trace events of all traces.
    let events: Int
    /// Time of the last one.
    let last: Timestamp
    /// Bits of the training part in the last pass, and of the validation part after it.
    private(set) var trained = (sum: 0.0, count: 0)
    private(set) var judged = (sum: 0.0, count: 0)
    /// The state after the validation part of the best epoch.
    private(set) var best: [UInt8] = []
    private var newest: [UInt8] = []
    private var isFirstPass = true
    private let streams: [(trace: RecordedTrace, stream: Int)]
    private let detector: SequenceDetector
    private let share: Double

    init(_ thread: String, _ traces: [RecordedTrace], _ plan: TraceModel.Plan) {
      self.thread = thread
      share = plan.validationShare
      streams = traces.flatMap { trace in
        trace.streams.indices.filter { trace.streams[$0].thread == thread }.map { (trace, $0) }
      }
      events = streams.reduce(0) { $0 + $1.trace.streams[$1.stream].count }
      last =
        streams.compactMap { $0.trace.streams[$0.stream].timestamps.max() }.max()
        ?? Timestamp(nanoseconds: 0)
      detector = SequenceDetector(
        configuration: DetectorConfiguration(seed: plan.seed, alarmBudget: plan.budget),
        scratch: SymbolTraining())
    }

    /// One epoch. The validation part is learnt by a copy. Evidence is calibrated by the first pass and
    /// by the validation part alone: an event that an earlier pass has learnt surprises less than a new
    /// one, and thresholds derived from such events would raise false alarms.
    func pass() {
      trained = bits(of: detector, calibrates: isFirstPass) { 0..<($0 - Int(Double($0) * share)) }
      isFirstPass = false
      newest = detector.encode()
      judged = (0, 0)
      guard share > 0,
        let copy = try? SequenceDetector(
          decoding: newest, configuration: detector.configuration, scratch: detector.scratch)
      else { return }
      judged = bits(of: copy, calibrates: true) { ($0 - Int(Double($0) * share))..<$0 }
      newest = copy.encode()
    }

    /// The last pass was the best one.
    func keep() { best = newest }

    private func bits(
      of detector: SequenceDetector, calibrates: Bool, _ part: (Int) -> Range<Int>
    ) -> (sum: Double, count: Int) {
      var context = StepContext(detector.family)
      context.calibrates = calibrates
      var total = (sum: 0.0, count: 0)
      for (trace, stream) in streams {
        let recorded = trace.streams[stream]
        for event in part(recorded.count) {
          let verdict = detector.step(
            .symbol(trace.id(event, of: stream).span), at: recorded.timestamps[event], context,
            next: nil)
          total.sum += verdict.value
          total.count += 1
        }
      }
      return total
    }
  }
}
