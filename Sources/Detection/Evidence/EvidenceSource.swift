import Series

/// Measures one or more kinds of evidence, with the memory it needs for that (docs/detector.md,
/// sections 5 and 9).
///
/// A new source is one file here and one entry in ``ValueSources`` or ``SymbolSources``.
protocol EvidenceSource {
  /// What a detector provides to its sources.
  associatedtype Input

  /// The kinds of evidence that it measures.
  static var kinds: [EvidenceKind] { get }

  /// A source in its initial state; takes its memory, zeroed, from the cursor.
  init(_ cursor: inout MemoryCursor)

  /// Measures one observation and remembers it.
  mutating func weigh(_ input: Input, _ scales: inout Scales)

  /// By how many observations the cause preceded the evidence on `lane`, which has just begun to
  /// count; 0...255, nil for a lane of another source.
  func delay(of lane: Int) -> Int?

  /// The forecast level if the evidence on `lane` is about a level, on the forecaster's scale.
  func forecastLevel(of lane: Int) -> Double?

  /// The smallest and the largest value so far, minus the first one; nil from a source that does
  /// not know.
  var range: (least: Float, greatest: Float)? { get }

  /// Prefetches the memory that the coming observation will read.
  func prefetch(_ stage: PrefetchStage)

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError)

  /// Whether it existed in version 0.1.
  static var isOfVersion01: Bool { get }

  /// The ids under which the source's memory is stored, and those of the sources in it.
  static var ids: [UInt8] { get }

  /// Codes the memory that is stored under `id`; false if there is none.
  mutating func code(
    _ id: UInt8, _ coder: inout some StateCoder
  ) throws(StateDecodingError) -> Bool
}

extension EvidenceSource {
  static var ids: [UInt8] { [kinds[0].id] }
  static var isOfVersion01: Bool { true }

  mutating func code(
    _ id: UInt8, _ coder: inout some StateCoder
  ) throws(StateDecodingError) -> Bool {
    guard id == Self.ids[0] else { return false }
    try code(&coder)
    return true
  }

  /// Codes each source's memory under its id, so that adding a source does not break stored state.
  mutating func codeParts<Coder: StateCoder>(_ coder: inout Coder) throws(StateDecodingError) {
    try coder.code(parts: Self.ids) { (id, coder: inout Coder) throws(StateDecodingError) in
      try code(id, &coder)
    }
  }

  func delay(of lane: Int) -> Int? { nil }
  func forecastLevel(of lane: Int) -> Double? { nil }
  var range: (least: Float, greatest: Float)? { nil }
  func prefetch(_ stage: PrefetchStage) {}
  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {}
}

/// The sources of a value detector, in the order of the stored state.
typealias ValueSources =
  Sources<
    JumpEvidence,
    Sources<
      WindowEvidence,
      Sources<
        ValueEvidence,
        Sources<
          DriftEvidence, Sources<QuietEvidence, SeasonEvidence>
        >
      >
    >
  >

/// The sources of a symbol detector.
typealias SymbolSources =
  Sources<
    SymbolEvidence,
    Sources<
      IntervalEvidence,
      Sources<
        OrderEvidence,
        Sources<
          PaceEvidence, Sources<MixEvidence, UnknownEvidence>
        >
      >
    >
  >

/// A source followed by others, as one. A list of types, so that every call is static and every
/// source lives inside its detector.
struct Sources<First: EvidenceSource, Rest: EvidenceSource>: EvidenceSource
where First.Input == Rest.Input {
  private var first: First
  private var rest: Rest

  static var kinds: [EvidenceKind] { First.kinds + Rest.kinds }
  static var ids: [UInt8] { First.ids + Rest.ids }

  init(_ cursor: inout MemoryCursor) {
    first = First(&cursor)
    rest = Rest(&cursor)
  }

  mutating func weigh(_ input: First.Input, _ scales: inout Scales) {
    first.weigh(input, &scales)
    rest.weigh(input, &scales)
  }

  func delay(of lane: Int) -> Int? { first.delay(of: lane) ?? rest.delay(of: lane) }

  func forecastLevel(of lane: Int) -> Double? {
    first.forecastLevel(of: lane) ?? rest.forecastLevel(of: lane)
  }

  var range: (least: Float, greatest: Float)? { first.range ?? rest.range }

  func prefetch(_ stage: PrefetchStage) {
    first.prefetch(stage)
    rest.prefetch(stage)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    if First.isOfVersion01 { try first.code(&coder) }
    if Rest.isOfVersion01 { try rest.code(&coder) }
  }

  mutating func code(
    _ id: UInt8, _ coder: inout some StateCoder
  ) throws(StateDecodingError) -> Bool {
    if try first.code(id, &coder) { return true }
    return try rest.code(id, &coder)
  }
}
