/// A trained model's finding about a row of its columns.
package enum RowFinding: Sendable {
  /// Distance of the row from the model's expectation, and of the mean of the latest rows, in
  /// standard deviations; the latter is nil if it is not computed. Their rarity is learnt here.
  case distance(Double, lasting: Double?)
  /// The model has a threshold of its own.
  /// - Parameter excess: by how much the value exceeds the threshold, in decades; negative below it.
  case rated(Double, threshold: Double, excess: Double)
}

/// How far a row, or the mean of the latest rows, is from a trained model's expectation.
struct RowEvidence: EvidenceSource {
  static let row = EvidenceKind(
    id: 32, family: .rows, lane: 0, name: "row",
    explanation: "the values do not fit together as the model has learnt", pace: .fast)
  static let lasting = EvidenceKind(
    id: 33, family: .rows, lane: 1, name: "rows16",
    explanation: "the values have not fitted the model for some 16 rows", pace: .slow)
  static let rated = EvidenceKind(
    id: 34, family: .rows, lane: 2, name: "model",
    explanation: "the model's own threshold is exceeded", pace: .fast)
  static let kinds = [row, lasting, rated]

  init(_ cursor: inout MemoryCursor) {}

  mutating func weigh(_ input: RowInput, _ scales: inout Scales) {
    switch input.finding {
    case .distance(let distance, let lasting):
      scales.weigh(RowEvidence.row, distance)
      if let lasting { scales.weigh(RowEvidence.lasting, lasting) }
    case .rated(_, _, let excess):
      let score = min(Double(Fusion.maximumScore), input.threshold + excess)
      scales.put(RowEvidence.rated, decades: max(0, Fusion.decades(scoring: score, .rows)))
    }
  }
}

/// A row whose evidence is being weighed.
struct RowInput {
  let finding: RowFinding
  /// The score at which a model with a threshold of its own alarms.
  let threshold: Double
}
