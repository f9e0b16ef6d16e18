import Series

/// Weights two experts by how accurate each has been recently: Bayes' rule with a fixed share
/// (Herbster & Warmuth, Machine Learning 32, 1998), so that neither is ever written off.
struct ExpertMixture {
  /// Share of the weight that is redistributed at each step.
  private static let share: Float = 0.002

  /// Weight of the first expert, 0...1; the second has the rest.
  private(set) var belief: Float = 0.5

  /// The joint probability or density, from those of each expert.
  func blend(_ first: Float, _ second: Float) -> Float {
    belief * first + (1 - belief) * second
  }

  /// Learns which probability or density each expert had assigned to the outcome.
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
