internal import Glibc
internal import Models

/// Another model's judgement of a recording, as far as it is needed to combine several models.
struct OtherView: Sendable {
  /// The place of each column in the other model; nil where it does not read that.
  private let columns: [Int?]
  /// By row; NaN if unknown.
  private var scores: [Double]
  /// `[rows][columns]`.
  private var shares: [Float]

  /// A view without any judgement.
  init(rows: Int, columns: [Int?]) {
    self.columns = columns
    scores = Array(repeating: .nan, count: rows)
    shares = Array(repeating: 0, count: rows * columns.count)
  }

  /// Stores the model's judgement of a row.
  mutating func take(_ row: ModelRun.Row, at index: Int) {
    guard row.verdict.isKnown else { return }
    scores[index] = row.verdict.score
    for (place, column) in columns.enumerated() {
      guard let column else { continue }
      shares[index * columns.count + place] = Float(row.shares[column])
    }
  }

  /// Combines this judgement with a row's: the score becomes the geometric mean of all models' scores.
  /// - Parameter number: how many models have judged the row, including this one.
  func add(to row: inout ModelRun.Row, at index: Int, number: Double) {
    guard !scores[index].isNaN, row.verdict.isKnown else { return row.verdict.isKnown = false }
    // Scores of 0 and of fixed thresholds of 0 stay finite.
    func bounded(_ score: Double) -> Double { max(1e-6, min(score, 1e6)) }
    row.verdict.score = exp(
      ((number - 1) * log(bounded(row.verdict.score)) + log(bounded(scores[index]))) / number)
    for place in columns.indices {
      let share = Double(shares[index * columns.count + place])
      row.shares[place] += (share - row.shares[place]) / number
    }
  }
}
