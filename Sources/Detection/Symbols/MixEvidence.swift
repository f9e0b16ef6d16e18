import Glibc
import Series

/// How far the mix of the last 64 symbols is from the usual one: the Kullback-Leibler divergence, in
/// nats. It speaks where each step is usual but the whole is not, as in a loop that never ends.
struct MixEvidence {
  /// Events in the mix.
  static let window = 64

  private let counts: UnsafeMutablePointer<Float>

  /// No events yet, in ``Alphabet/capacity`` zeros at `counts`.
  init(counts: UnsafeMutablePointer<Float>) {
    self.counts = counts
  }

  /// Takes the symbol that enters the window, and the one that leaves it once it is full.
  mutating func advance(entering: Int, leaving: Int?) {
    counts[entering] += 1
    if let leaving { counts[leaving] -= 1 }
  }

  /// The divergence of a full window from the frequencies in `pairs`.
  func divergence(from pairs: borrowing PairTable) -> Double {
    var sum: Float = 0
    let size = Float(MixEvidence.window)
    for symbol in 0..<Alphabet.capacity where counts[symbol] > 0 {
      let share = counts[symbol] / size
      // The window itself is among what is usual, so that no frequency is 0.
      sum += share * logf(share / max(pairs.frequency(of: symbol), 1e-6))
    }
    return Double(max(0, sum))
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(floats: counts, count: Alphabet.capacity)
  }
}
