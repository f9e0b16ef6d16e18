import Glibc

/// Marsaglia's xorshift64 (J. Stat. Soft. 8(14), 2003) with shifts 13, 7, 17: small, fast, the
/// same on every machine.
public struct XorShift: Equatable, Sendable {
  /// The whole state, never 0.
  public private(set) var state: UInt64

  /// A generator for `seed`; the first draws are discarded, as they still resemble the seed.
  public init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 88_172_645_463_325_252
    if state == 0 { state = 1 }
    for _ in 0..<8 { _ = uniform() }
  }

  /// A generator that continues from a stored state.
  public init(state: UInt64) {
    self.state = state == 0 ? 1 : state
  }

  /// The next number, uniform in 0 ..< 1, with 53 random bits.
  public mutating func uniform() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) * (1 / 9_007_199_254_740_992)
  }

  /// The next number of a standard normal distribution (Box & Muller 1958, cosine branch).
  public mutating func gaussian() -> Double {
    let radius = uniform() + 1e-12
    let angle = uniform()
    return (-2 * log(radius)).squareRoot() * cos(2 * .pi * angle)
  }
}
