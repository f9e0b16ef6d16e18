import Series

/// The order of the last events is unusual as a whole.
struct OrderEvidence: EvidenceSource {
  static let short = EvidenceKind(
    id: 10, family: .symbols, lane: 2, name: "order8",
    explanation: "the last 8 events came in an unusual order", pace: .fast)
  static let long = EvidenceKind(
    id: 11, family: .symbols, lane: 3, name: "order32",
    explanation: "the last 32 events came in an unusual order", pace: .slow)
  static let kinds = [short, long]

  private var surprises: WindowedSurprise

  init(_ cursor: inout MemoryCursor) {
    surprises = WindowedSurprise(recent: cursor.take(WindowedSurprise.longest))
  }

  mutating func weigh(_ input: SymbolInput, _ scales: inout Scales) {
    surprises.append(input.nats)
    if let mean = surprises.mean(8) { scales.weigh(OrderEvidence.short, mean) }
    if let mean = surprises.mean(32) { scales.weigh(OrderEvidence.long, mean) }
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try surprises.code(&coder)
  }
}

/// The mean surprise of the last few events.
struct WindowedSurprise {
  /// Cap on the nats of one event, so that a single one does not decide a window.
  static let cap: Float = 8
  /// The longest window.
  static let longest = 64

  private let recent: UnsafeMutablePointer<Float>
  private var count = 0

  /// No events yet, in ``longest`` zeros at `recent`.
  init(recent: UnsafeMutablePointer<Float>) {
    self.recent = recent
  }

  /// Appends the surprise of one event, in nats.
  mutating func append(_ surprise: Float) {
    recent[count % WindowedSurprise.longest] = min(surprise, WindowedSurprise.cap)
    count += 1
  }

  /// The mean over the last `length` events; nil before that many events.
  func mean(_ length: Int) -> Double? {
    guard count >= length else { return nil }
    var sum: Float = 0
    for place in (count - length)..<count { sum += recent[place % WindowedSurprise.longest] }
    return Double(sum) / Double(length)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(count: &count, "surprises")
    try coder.code(floats: recent, count: WindowedSurprise.longest)
  }
}
