import Glibc

/// The symbol is new.
struct UnknownEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 14, family: .symbols, lane: 6, name: "unknown",
    explanation: "this event was never seen before", pace: .slow)
  static let kinds = [kind]

  init(_ cursor: inout MemoryCursor) {}

  mutating func weigh(_ input: SymbolInput, _ scales: inout Scales) {
    if input.isNew { scales.put(UnknownEvidence.kind, decades: -log10f(input.noveltyProbability)) }
  }
}
