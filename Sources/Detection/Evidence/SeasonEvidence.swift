import Networks
import Series

/// The value, or the mean of the last 32, is far from the usual value at this time of the week.
struct SeasonEvidence: EvidenceSource {
  static let single = EvidenceKind(
    id: 15, family: .values, lane: 8, name: "season",
    explanation: "the value is far from what is usual at this time of the week",
    pace: .declustered, offset: 0.3)
  static let mean = EvidenceKind(
    id: 16, family: .values, lane: 9, name: "season32",
    explanation: "the last 32 values are far from what is usual at this time of the week",
    pace: .declustered, offset: 0.3)
  static let kinds = [single, mean]
  static let isOfVersion01 = false

  /// Distances in the mean.
  private static let window = 32

  private let distances: UnsafeMutablePointer<Float>
  private var sum = 0.0
  private var count = 0

  init(_ cursor: inout MemoryCursor) {
    distances = cursor.take(SeasonEvidence.window)
  }

  mutating func weigh(_ input: ValueInput, _ scales: inout Scales) {
    guard let season = input.season else {
      count = 0
      return
    }
    let distance = Float(input.sample.value - season.usual)
    let place = count % SeasonEvidence.window
    let oldest = count < SeasonEvidence.window ? 0 : distances[place]
    if count == 0 { sum = 0 }
    distances[place] = distance
    count += 1
    // The sum is recomputed once per round, so that the rounding error of one huge distance does
    // not persist.
    if place == SeasonEvidence.window - 1 {
      sum = 0
      for index in 0..<SeasonEvidence.window { sum += Double(distances[index]) }
    } else {
      sum += Double(distance) - Double(oldest)
    }
    guard season.tells else { return }
    scales.weigh(SeasonEvidence.single, Double(abs(distance)))
    scales.weigh(SeasonEvidence.mean, abs(sum) / Double(min(count, SeasonEvidence.window)))
  }

  func prefetch(_ stage: PrefetchStage) {
    if stage == .longMemories { Memory.prefetch(distances, count: SeasonEvidence.window) }
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&sum)
    try coder.code(count: &count, "distances from the season")
    try coder.code(floats: distances, count: SeasonEvidence.window)
  }
}
