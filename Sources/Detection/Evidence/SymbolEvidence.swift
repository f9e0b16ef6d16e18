import Glibc

/// The symbol was not expected after the preceding ones.
struct SymbolEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 8, family: .symbols, lane: 0, name: "symbol",
    explanation: "the event was not expected after those before it", pace: .fast)
  static let kinds = [kind]

  init(_ cursor: inout MemoryCursor) {}

  /// No event counts as rarer than the model's own probability; the calibrator can only reduce its
  /// rarity. Otherwise a rare branch in a trace of few surprises would score as impossible.
  mutating func weigh(_ input: SymbolInput, _ scales: inout Scales) {
    scales.weigh(
      SymbolEvidence.kind, Double(expf(input.nats / 3) - 1), atMost: input.nats * 0.4342945)
  }
}
