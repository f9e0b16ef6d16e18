import Glibc

/// The time since the preceding event is unusual for these two symbols.
struct IntervalEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 9, family: .symbols, lane: 1, name: "interval",
    explanation: "the time since the event before is unusual", pace: .fast)
  static let kinds = [kind]

  init(_ cursor: inout MemoryCursor) {}

  mutating func weigh(_ input: SymbolInput, _ scales: inout Scales) {
    guard let tail = input.intervalTail else { return }
    scales.weigh(IntervalEvidence.kind, pow(tail, -0.25) - 1)
  }
}
