package import Detection
import Glibc
import Networks

/// Why a trained model cannot serve as a prior.
package struct PriorRefusal: Error, Equatable {
  /// What was expected, and what was found.
  package var reason: String
}

extension DetectorPrior {
  /// The network of a trained forecaster, if it has the shape of a detector's.
  ///
  /// The detector reads the forecaster's features plus three more harmonics of the day, which have
  /// zero weight at first. Its scale is logarithmic for values far from the mean, where forecasts
  /// are less exact at first.
  package init(_ model: TrainedModel) throws(PriorRefusal) {
    let places = try DetectorPrior.horizonPlaces(in: model)
    let rows = model.provenance.files.reduce(0) { $0 + $1.rows }
    guard rows >= DetectorPrior.leastSamples else {
      throw PriorRefusal(
        reason: "expected a model of \(DetectorPrior.leastSamples) rows or more, found \(rows)")
    }
    let shape = DetectorPrior.shape
    let source = CellShape(inputs: 2 + model.clock.count, hidden: shape.hidden)
    var weights = [Float](repeating: 0, count: shape.parameterCount)
    for gate in Gate.allCases {
      for unit in 0..<shape.hidden {
        func weight(_ row: WeightRow) -> Float {
          model.weights[source.index(gate, unit: unit, from: row)]
        }
        func set(_ row: WeightRow, _ value: Float) {
          weights[shape.gateIndex(gate, unit: unit, from: row)] = value
        }
        for row in [.feature(0), .feature(1), .bias] + (0..<shape.hidden).map(WeightRow.unit) {
          set(row, weight(row))
        }
        if model.clock != .none {
          set(.feature(2), weight(.feature(2)))
          set(.feature(3), weight(.feature(3)))
        }
        if model.clock == .week {
          // The model's week begins on Thursday, as the Unix epoch did, the detector's on Monday.
          let (sine, cosine) = (weight(.feature(4)), weight(.feature(5)))
          let turn = Float(2 * Double.pi * 3 / 7)
          set(.feature(10), sine * cos(turn) + cosine * sin(turn))
          set(.feature(11), cosine * cos(turn) - sine * sin(turn))
        }
      }
    }
    let targets = model.plan.horizons.count
    let head = DenseShape.studentT(inputs: shape.hidden, targets: targets)
    let logScales = head.outputs / 2
    for (horizon, place) in places.enumerated() {
      // The forecaster predicts the distance from the latest value.
      weights[shape.meanIndex(horizon: horizon, from: .feature(0))] = 1
      for unit in [nil] + (0..<shape.hidden).map(Optional.some) {
        let row = unit.map(WeightRow.unit) ?? .bias
        func weight(_ output: Int) -> Float {
          model.weights[source.parameterCount + head.index(output, from: unit)]
        }
        weights[shape.meanIndex(horizon: horizon, from: row)] = weight(place)
        weights[shape.logScaleIndex(horizon: horizon, from: row)] = weight(logScales + place)
      }
    }
    self.init(weights: weights, seen: rows)
  }

  /// The index in the model of each of the detector's horizons.
  private static func horizonPlaces(in model: TrainedModel) throws(PriorRefusal) -> [Int] {
    let (units, farthest) = (shape.hidden, horizons.max() ?? 1)
    func refusal(_ found: String) -> PriorRefusal {
      PriorRefusal(
        reason: "expected an exported metric, or a forecaster of one column with the sizes of a "
          + "detector (train forecaster --units \(units) --horizon \(farthest)), found \(found)")
    }
    guard model.kind == ForecasterModel.name else { throw refusal("a model of kind \(model.kind)") }
    guard model.columns.count == 1, model.components == nil else {
      throw refusal("one of \(model.columns.count) columns")
    }
    guard model.columns[0].transform == .none else {
      throw refusal("one of transformed values (\(model.columns[0].transform.rawValue))")
    }
    guard model.plan.hidden == [units] else {
      throw refusal("one with \(model.plan.hidden.map(String.init).joined(separator: "+")) units")
    }
    guard model.plan.members == 1 else { throw refusal("one of \(model.plan.members) members") }
    guard !model.plan.isStateless else { throw refusal("a stateless one") }
    let places = horizons.compactMap { model.plan.horizons.firstIndex(of: $0) }
    guard places.count == horizons.count else {
      throw refusal("one with horizon \(model.plan.horizon)")
    }
    return places
  }
}
