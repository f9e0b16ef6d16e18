import Series

/// Believes two experts as far as each has been right lately: Bayes' rule with a fixed share (Herbster
/// & Warmuth, Machine Learning 32, 1998), by which no expert is ever written off.
struct ExpertMixture {
  /// Share of the belief that is dealt out anew at each step.
  private static let share: Float = 0.002

  /// Belief in the first expert, 0...1; the second has the rest.
  private(set) var belief: Float = 0.5

  /// What both say together of something they hold for this likely.
  func blend(_ first: Float, _ second: Float) -> Float {
    belief * first + (1 - belief) * second
  }

  /// Learns how likely each expert had held what came, as probability or density.
  mutating func learn(_ first: Float, _ second: Float) {
    let both = blend(first, second)
    guard both > 0 else { return }
    let belief = belief * first / both
    self.belief = belief + ExpertMixture.share * (0.5 - belief)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&belief)
  }
}
