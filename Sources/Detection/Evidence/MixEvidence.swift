import Glibc
import Series

/// How far the mix of the last 64 symbols is from the usual one: the Kullback-Leibler divergence,
/// in nats. Detects sequences in which each step is usual but the whole is not, such as an endless
/// loop.
struct MixEvidence: EvidenceSource {
  static let kind = EvidenceKind(
    id: 12, family: .symbols, lane: 4, name: "mix64",
    explanation: "the last 64 events are of an unusual mix", pace: .slow, offset: 0.5)
  static let kinds = [kind]

  /// Events in the mix.
  static let window = 64

  private let counts: UnsafeMutablePointer<Float>

  init(_ cursor: inout MemoryCursor) {
    counts = cursor.take(Alphabet.capacity)
  }

  mutating func weigh(_ input: SymbolInput, _ scales: inout Scales) {
    counts[input.symbol] += 1
    guard let leaving = input.leaving else { return }
    counts[leaving] -= 1
    scales.weigh(MixEvidence.kind, divergence(from: input.pairs))
  }

  /// The divergence of a full window from the frequencies in `pairs`.
  private func divergence(from pairs: borrowing PairTable) -> Double {
    var sum: Float = 0
    let size = Float(MixEvidence.window)
    for symbol in 0..<Alphabet.capacity where counts[symbol] > 0 {
      let share = counts[symbol] / size
      // The window itself is part of the counts, so no frequency is 0.
      sum += share * logf(share / max(pairs.frequency(of: symbol), 1e-6))
    }
    return Double(max(0, sum))
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(floats: counts, count: Alphabet.capacity)
  }
}
