import Networks
import Series

/// How much smoother than usual the series has become: the usual absolute change over the mean
/// absolute change of the last 64 samples.
package struct QuietEvidence: EvidenceSource {
  package static let kind = EvidenceKind(
    id: 7, family: .values, lane: 7, name: "quiet",
    explanation: "the metric has become unusually still", pace: .slow, offset: 1.5)
  static let kinds = [kind]

  /// Changes in the recent mean.
  package static let window = 64
  /// Memory of the usual change, in samples.
  private static let memory = 2000

  private let changes: UnsafeMutablePointer<UInt16>
  private var usual = 0.0
  private var sum = 0.0
  private var count = 0

  /// No changes yet, in ``window`` zeros at `changes`.
  package init(changes: UnsafeMutablePointer<UInt16>) {
    self.changes = changes
  }

  init(_ cursor: inout MemoryCursor) {
    self.init(changes: cursor.take(QuietEvidence.window))
  }

  mutating func weigh(_ input: ValueInput, _ scales: inout Scales) {
    if let stillness = evidence(input.change, learns: scales.learns) {
      scales.weigh(QuietEvidence.kind, stillness)
    }
  }

  func delay(of lane: Int) -> Int? { lane == QuietEvidence.kind.lane ? samplesSinceChange : nil }

  func prefetch(_ stage: PrefetchStage) {
    if stage == .longMemories { Memory.prefetch(changes, count: QuietEvidence.window) }
  }

  /// Appends one absolute change; returns the evidence, 0...50, or nil before a window is full.
  /// - Parameter learns: whether the change enters the usual change.
  package mutating func evidence(_ change: Double, learns: Bool = true) -> Double? {
    if learns { usual += (change - usual) / Double(min(count + 1, QuietEvidence.memory)) }
    let place = count % QuietEvidence.window
    sum -= self.change(at: place)
    changes[place] = Float(change).upperHalf
    sum += self.change(at: place)
    // Recomputed once per turn of the ring; otherwise the rounding error of one huge change would
    // persist.
    if place == QuietEvidence.window - 1 {
      sum = 0
      for index in 0..<QuietEvidence.window { sum += self.change(at: index) }
    }
    let recent = max(0, sum) / Double(min(count + 1, QuietEvidence.window))
    count += 1
    guard count > QuietEvidence.window else { return nil }
    // The limit of the formula below: a metric that has never moved is as quiet as possible.
    guard usual > 0 else { return 1 / 0.02 }
    return usual / (recent + 0.02 * usual + 1e-12)
  }

  /// How many samples before the newest one the series became quiet: the consecutive changes, up to
  /// the newest, that are less than half the usual one.
  private var samplesSinceChange: Int {
    let held = min(count, QuietEvidence.window)
    var back = 0
    while back < held, change(at: (count - 1 - back) % QuietEvidence.window) < usual / 2 {
      back += 1
    }
    return back
  }

  private func change(at place: Int) -> Double {
    Double(Float(upperHalf: changes[place]))
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&usual)
    try coder.code(&sum)
    try coder.code(count: &count, "changes")
    try coder.code(words: changes, count: QuietEvidence.window)
  }
}
