import Glibc
import Networks
package import Series

/// The probability that a row is anomalous, attributed to the columns by how much a change in each
/// one's features would change it: the errors of a row add up to the probability times their
/// number.
package final class ClassifierReader: KindReader {
  /// Below this no attribution is needed, which costs as much as the probability.
  private static let leastExplained: Float = 0.02

  package let width: Int
  private let columns: Int
  private let perColumn: Int
  private let isStateless: Bool
  private let weights: [Float]
  private let pass: RecurrentPass
  private var features: MovingFeatures
  private var random = XorShift(seed: 1)
  private var scratch: [Float]
  /// Each column's share of the newest row's probability, adding up to 1.
  private var reasons: [Float]

  package init(plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]) {
    self.columns = columns
    self.weights = weights
    width = columns
    pass = ClassifierModel.pass(
      plan, columns: columns, clockCount: clockCount, steps: 1, batch: 1)
    features = MovingFeatures(columns: columns, plan: plan)
    perColumn = MovingFeatures.perColumn(plan)
    isStateless = plan.isStateless
    scratch = Array(repeating: 0, count: pass.parameterCount)
    reasons = Array(repeating: 0, count: columns)
  }

  package func column(of error: Int) -> Int { error }

  package func read(_ tape: RowTape, into readings: inout RowReadings) {
    guard let inputs = pass.stack.inputs.baseAddress else { return }
    readings.forecasts.append(contentsOf: repeatElement(.nan, count: tape.count * columns))
    readings.scales.append(contentsOf: repeatElement(.nan, count: tape.count * columns))
    for row in 0..<tape.count {
      if tape.begins[row] || isStateless { pass.stack.resetState() }
      features.write(row, of: tape, to: inputs)
      var probability: Float = 0
      weights.withUnsafeBufferPointer { weights in
        guard let start = weights.baseAddress else { return }
        pass.forward(weights: start, dropout: 0, random: &random)
        probability = 1 / (1 + exp(-pass.head.predictions[0]))
        explain(probability, weights: start)
        for column in 0..<columns {
          readings.errors.append(probability * Float(columns) * reasons[column])
        }
      }
      pass.stack.carryState()
    }
  }

  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try features.code(&coder)
    try coder.code(stateOf: pass.stack)
  }

  /// Computes each column's share of the probability.
  private func explain(_ probability: Float, weights: UnsafePointer<Float>) {
    for column in 0..<columns { reasons[column] = 1 / Float(columns) }
    guard columns > 1, probability > ClassifierReader.leastExplained else { return }
    for place in scratch.indices { scratch[place] = 0 }
    scratch.withUnsafeMutableBufferPointer {
      if let start = $0.baseAddress { pass.explainFirst(weights: weights, scratch: start) }
    }
    let (slopes, inputs) = (pass.stack.layers[0].inputGradient, pass.stack.inputs)
    func share(_ column: Int) -> Float {
      (0..<perColumn).reduce(Float(0)) { sum, feature in
        let place = column * perColumn + feature
        return sum + abs(slopes[place] * inputs[place])
      }
    }
    let total = (0..<columns).reduce(Float(0)) { $0 + share($1) }
    guard total > 0, total.isFinite else { return }
    for column in 0..<columns { reasons[column] = share(column) / total }
  }
}
