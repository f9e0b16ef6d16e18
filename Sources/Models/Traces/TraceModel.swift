package import Detection
package import Series

/// The kind `symbols`: what the daemon's trace detector has learnt about each thread of recorded
/// traces. It consists of the states of these detectors, so that there is only one implementation.
package struct TraceModel: Sendable {
  /// The kind's name in commands and files.
  package static let kind = "symbols"
  /// Completes "a model that is …".
  package static let summary =
    "a softmax over the next id of a trace and a distribution of the time until it, thread by thread"

  /// The learnt state of a thread.
  package struct Stream: Equatable, Sendable {
    /// The thread; empty for the only one.
    package var thread: String
    /// Number of trace events that it was learnt from.
    package var events: Int
    /// Time of the last one.
    package var last: Timestamp
    /// The state of the detector.
    package var state: [UInt8]

    fileprivate static let empty = Stream(
      thread: "", events: 0, last: Timestamp(nanoseconds: 0), state: [])
  }

  /// Training parameters.
  package struct Plan: Equatable, Sendable {
    /// Maximum number of passes over the training part.
    package var epochs = 20
    /// Passes without improvement after which training ends.
    package var patience = 3
    /// Share of each stream, at its end, that decides when training ends; 0 ..< 1.
    package var validationShare = 0.2
    /// Seed of initial weights and replay.
    package var seed: UInt64 = 1
    /// Normal trace events of a thread per alarm.
    package var budget = 5000.0

    /// The defaults.
    package init() {}
  }

  /// How it was trained.
  package var plan: Plan
  /// The threads, in order of appearance.
  package var streams: [Stream]
  /// Mean bits of a trace event by epoch.
  package var trainingLosses: [Double]
  package var validationLosses: [Double]
  /// The epoch of its state, from 1.
  package var bestEpoch: Int
  /// The columns of ids and of threads that it was trained on; the latter empty for none.
  package var columns: (event: String, thread: String)
  /// Its origin.
  package var provenance: TrainedModel.Provenance

  /// The time span in which a thread of a trace of that name was learnt from; nil if it was not.
  package func span(of path: String, thread: String) -> ClosedRange<Timestamp>? {
    guard let span = provenance.span(of: path),
      let stream = streams.first(where: { $0.thread == thread }), stream.last >= span.lowerBound
    else { return nil }
    return span.lowerBound...min(span.upperBound, stream.last)
  }

  /// The configuration of its detectors.
  package var configuration: DetectorConfiguration {
    DetectorConfiguration(seed: plan.seed, alarmBudget: plan.budget)
  }

  /// Maximum number of threads in a model.
  static let mostStreams = 1024

  /// The model as the contents of a file.
  package var bytes: [UInt8] {
    var copy = self
    return ModelContainer.bytes(
      capacity: streams.reduce(65_536) { $0 + $1.state.count + $1.thread.utf8.count + 64 }
    ) { (coder: inout StateEncoder) throws(StateDecodingError) in try copy.code(&coder) }
  }

  /// Parses the contents of a file.
  package init(bytes: [UInt8]) throws(TrainedModel.FileError) {
    plan = Plan()
    (streams, trainingLosses, validationLosses, bestEpoch) = ([], [], [], 0)
    columns = ("", "")
    provenance = TrainedModel.Provenance()
    let content = try ModelContainer.content(of: bytes).bytes
    var copy = self
    do throws(StateDecodingError) {
      try StateDecoder.decode(content) {
        (coder: inout StateDecoder) throws(StateDecodingError) in try copy.code(&coder)
      }
      let scratch = SymbolTraining()
      for stream in copy.streams { _ = try copy.detector(stream, scratch: scratch) }
    } catch {
      throw .content(error)
    }
    self = copy
  }

  /// A model that has learnt nothing yet.
  init(
    plan: Plan, columns: (event: String, thread: String), provenance: TrainedModel.Provenance
  ) {
    self.plan = plan
    self.columns = columns
    self.provenance = provenance
    (streams, trainingLosses, validationLosses, bestEpoch) = ([], [], [], 0)
  }

  private mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    var words = [TraceModel.kind, provenance.version]
    try coder.code(&words, maximum: 2, longest: 1000)
    guard words.count == 2, words[0] == TraceModel.kind else {
      throw .outOfRange(field: "words of a model", found: words.count, expected: 2...2)
    }
    provenance.version = words[1]
    try TraceModel.code(&columns.event, &coder)
    try TraceModel.code(&columns.thread, &coder)
    try coder.code(&plan.epochs, in: 1...1_000_000, "epochs")
    try coder.code(&plan.patience, in: 1...1_000_000, "patience")
    try coder.code(&plan.validationShare)
    try coder.code(&plan.seed)
    try coder.code(&plan.budget)
    guard plan.budget >= 10, plan.budget <= 1e9 else {
      throw .outOfRange(field: "budget", found: 0, expected: 10...1_000_000_000)
    }
    try provenance.code(&coder)
    try coder.code(&trainingLosses, maximum: 1_000_000)
    try coder.code(&validationLosses, maximum: 1_000_000)
    try coder.code(&bestEpoch, in: 0...1_000_000, "best epoch")
    var count = streams.count
    try coder.code(&count, in: 1...TraceModel.mostStreams, "threads")
    while streams.count < count { streams.append(Stream.empty) }
    for index in 0..<count {
      try TraceModel.code(&streams[index].thread, &coder)
      try coder.code(count: &streams[index].events, "events of a thread")
      try coder.code(&streams[index].last)
      try TraceModel.code(&streams[index].state, &coder)
    }
  }

  /// A possibly empty text, which texts in a list may not be.
  private static func code(
    _ text: inout String, _ coder: inout some StateCoder
  ) throws(StateDecodingError) {
    var texts = text.isEmpty ? [] : [text]
    try coder.code(&texts, maximum: 1, longest: 1000)
    text = texts.first ?? ""
  }

  /// A detector's state, which is checked by its own coding when it is restored.
  private static func code(
    _ state: inout [UInt8], _ coder: inout some StateCoder
  ) throws(StateDecodingError) {
    var count = state.count
    try coder.code(&count, in: 0...(1 << 20), "bytes of a thread's state")
    var words = [UInt32](repeating: 0, count: (count + 3) / 4)
    for (place, byte) in state.enumerated() {
      words[place / 4] |= UInt32(byte) << (8 * (place % 4))
    }
    for place in words.indices { try coder.code(&words[place]) }
    state = (0..<count).map { UInt8(truncatingIfNeeded: words[$0 / 4] >> (8 * ($0 % 4))) }
  }
}
