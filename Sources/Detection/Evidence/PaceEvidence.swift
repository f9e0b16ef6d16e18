import Glibc
import Series

/// The timing of the last events is unusual.
struct PaceEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 13, family: .symbols, lane: 5, name: "pace32",
    explanation: "the last 32 events came at unusual times", pace: .slow)
  static let kinds = [kind]

  private var paces: WindowedSurprise

  init(_ cursor: inout MemoryCursor) {
    paces = WindowedSurprise(recent: cursor.take(WindowedSurprise.longest))
  }

  mutating func weigh(_ input: SymbolInput, _ scales: inout Scales) {
    guard let tail = input.intervalTail else { return }
    paces.append(Float(-log(tail)))
    if let mean = paces.mean(32) { scales.weigh(PaceEvidence.kind, mean) }
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try paces.code(&coder)
  }
}
