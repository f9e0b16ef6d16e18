import Series

/// The last samples have a new shape, on three time scales.
struct WindowEvidence: EvidenceSource {
  static let short = EvidenceKind(
    id: 1, family: .values, lane: 1, name: "window8",
    explanation: "the last 8 samples have a shape not seen before", pace: .fast)
  static let medium = EvidenceKind(
    id: 2, family: .values, lane: 2, name: "window48",
    explanation: "the last 48 samples have a shape not seen before", pace: .slow)
  static let long = EvidenceKind(
    id: 3, family: .values, lane: 3, name: "window144",
    explanation: "the last 144 samples have a shape not seen before", pace: .slow, offset: 0.7)
  static let kinds = [short, medium, long]

  private var window8: WindowNovelty
  private var window48: WindowNovelty
  private var window144: WindowNovelty

  init(_ cursor: inout MemoryCursor) {
    window8 = WindowNovelty(.window8, bank: cursor.take(WindowNovelty.Span.window8.halfCount))
    window48 = WindowNovelty(.window48, bank: cursor.take(WindowNovelty.Span.window48.halfCount))
    window144 = WindowNovelty(.window144, bank: cursor.take(WindowNovelty.Span.window144.halfCount))
  }

  /// The search takes long enough for the next detector's memory to arrive meanwhile.
  mutating func weigh(_ input: ValueInput, _ scales: inout Scales) {
    if let distance = window8.distance(input.x, scratch: input.scratch) {
      scales.weigh(WindowEvidence.short, Double(distance))
    }
    input.next?.prefetch(.shortMemories)
    if let distance = window48.distance(input.x, scratch: input.scratch) {
      scales.weigh(WindowEvidence.medium, Double(distance))
    }
    if let distance = window144.distance(input.x, scratch: input.scratch) {
      scales.weigh(WindowEvidence.long, Double(distance))
    }
    input.next?.prefetch(.longMemories)
  }

  /// The longer windows are compared once per aggregate, at its end.
  func delay(of lane: Int) -> Int? {
    switch lane {
    case WindowEvidence.medium.lane: WindowNovelty.Span.window48.aggregate - 1
    case WindowEvidence.long.lane: WindowNovelty.Span.window144.aggregate - 1
    default: nil
    }
  }

  func prefetch(_ stage: PrefetchStage) {
    switch stage {
    case .shortMemories: window8.prefetch()
    case .longMemories:
      window48.prefetch()
      window144.prefetch()
    case .object, .network: break
    }
  }

  /// The id of the memory; it was that of window8 while all banks except the first held 1200 means.
  static let ids: [UInt8] = [101]

  mutating func code(
    _ id: UInt8, _ coder: inout some StateCoder
  ) throws(StateDecodingError) -> Bool {
    guard id != WindowEvidence.short.id else {
      try code(&coder)
      return true
    }
    guard id == WindowEvidence.ids[0] else { return false }
    try window8.code(&coder)
    try window48.code(&coder)
    try window144.code(&coder)
    return true
  }

  /// Decodes the format of versions before 5.
  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try window8.code(&coder)
    try window48.code(&coder, oldBank: 1200)
    try window144.code(&coder, oldBank: 1200)
  }
}

/// The distance of the newest window of a series from its nearest predecessor.
///
/// The series is reduced to means of `aggregate` samples; the last `bank` of them are kept, as
/// ``HalfBank`` does. The distance is the root of the smallest mean squared difference between the
/// newest `length` means and every earlier window (a matrix-profile left discord, Yeh et al., ICDM
/// 2016, without normalisation), and keeps its value between aggregates.
package struct WindowNovelty {
  /// The time scale of a search.
  package enum Span: UInt8, CaseIterable {
    case window8, window48, window144

    /// Aggregates in a window.
    package var length: Int { self == .window8 ? 8 : 12 }
    /// Samples in an aggregate.
    package var aggregate: Int {
      switch self {
      case .window8: 1
      case .window48: 4
      case .window144: 12
      }
    }
    /// Aggregates remembered.
    package var bank: Int { self == .window144 ? 800 : 1000 }
    /// Aggregates between the end of a candidate window and the end of the newest.
    package var exclusion: Int { self == .window8 ? 8 : 4 }
    /// Halves of memory: the bank, with its beginning repeated after its end, so that every window
    /// is contiguous.
    package var halfCount: Int { bank + length - 1 }
    /// Aggregates after which the distance is meaningful.
    package var needed: Int { 2 * length + exclusion }
  }

  let span: Span
  private var inAggregate: UInt8 = 0
  private var distance: Float = 0
  private var sum = 0.0
  private var bank: HalfBank

  /// An empty search in `span.halfCount` halves at `bank`.
  package init(_ span: Span, bank: UnsafeMutablePointer<UInt16>) {
    self.span = span
    self.bank = HalfBank(halves: bank, capacity: span.bank, overlap: span.length - 1)
  }

  /// Prefetches the bank if the coming sample searches it.
  func prefetch() {
    if inAggregate == span.aggregate - 1 { bank.prefetch() }
  }

  /// Appends one sample.
  /// - Parameter scratch: the search's arithmetic, and memory for it.
  /// - Returns: the distance in the metric's unit; nil until there is enough to compare with.
  package mutating func distance(_ x: Double, scratch: TrainingScratch) -> Float? {
    sum += x
    inAggregate += 1
    if inAggregate == span.aggregate {
      bank.append(sum / Double(span.aggregate), scratch: scratch)
      sum = 0
      inAggregate = 0
      if bank.count >= span.needed {
        distance = bank.nearest(length: span.length, exclusion: span.exclusion, scratch: scratch)
      }
    }
    return bank.count >= span.needed ? distance : nil
  }

  /// - Parameter oldBank: how many means the bank held when it was stored; nil: the present number.
  mutating func code(
    _ coder: inout some StateCoder, oldBank: Int? = nil
  ) throws(StateDecodingError) {
    try coder.code(&inAggregate, in: 0...UInt8(span.aggregate - 1), "window position")
    try coder.code(&distance)
    try coder.code(&sum)
    try bank.code(&coder, oldCapacity: oldBank)
  }
}
