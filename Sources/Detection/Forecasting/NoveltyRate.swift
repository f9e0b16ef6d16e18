import Series

/// How often new ids appear: recently, and overall.
struct NoveltyRate {
  /// Memory of the recent rate, in events.
  private static let memory: Float = 1000

  private var recent: Float = 0
  private var events: Float = 0

  /// Probability that the coming event has a new id.
  var probability: Float { min(1, recent + 0.5 / (events + 1)) }

  /// Learns whether an event was of a new id.
  mutating func learn(isNew: Bool) {
    events = min(events + 1, 1e7)
    recent += ((isNew ? 1 : 0) - recent) / min(events, NoveltyRate.memory)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&recent)
    try coder.code(&events)
  }
}
