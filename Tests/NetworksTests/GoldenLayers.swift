import FoundationEssentials
import Networks
import Support

/// What `Tests/Golden/generate_layers.py` computed with PyTorch.
struct GoldenLayers: Decodable {
  /// PyTorch's layout: gates i, f, g, o in blocks of `hidden` rows.
  struct CellParameters: Decodable {
    var weightIH: [[Double]]
    var weightHH: [[Double]]
    var bias: [Double]

    /// The same numbers in the project's layout.
    func flattened(_ shape: CellShape) -> [Double] {
      var result = [Double](repeating: 0, count: shape.parameterCount)
      for gate in Gate.allCases {
        for unit in 0..<shape.hidden {
          let row = gate.rawValue * shape.hidden + unit
          result[shape.index(gate, unit: unit, from: .bias)] = bias[row]
          for (i, value) in weightIH[row].enumerated() {
            result[shape.index(gate, unit: unit, from: .feature(i))] = value
          }
          for (i, value) in weightHH[row].enumerated() {
            result[shape.index(gate, unit: unit, from: .unit(i))] = value
          }
        }
      }
      return result
    }
  }

  struct Cells: Decodable {
    struct Slopes: Decodable {
      var outputs: [[[Double]]]
      var h: [[[Double]]]
      var c: [[[Double]]]
    }

    struct Gradient: Decodable {
      var parameters: [CellParameters]
      var x: [[[Double]]]
      var h: [[[Double]]]
      var c: [[[Double]]]
    }

    var inputs: Int
    var hidden: Int
    var steps: Int
    var batch: Int
    var parameters: [CellParameters]
    var x: [[[Double]]]
    var h: [[[Double]]]
    var c: [[[Double]]]
    var outputs: [[[Double]]]
    var finalH: [[[Double]]]
    var finalC: [[[Double]]]
    var slopes: Slopes
    var gradient: Gradient
  }

  struct Dense: Decodable {
    struct Gradient: Decodable {
      var weight: [[Double]]
      var bias: [Double]
      var x: [[Double]]
    }

    var inputs: Int
    var outputs: Int
    var rows: Int
    var weight: [[Double]]
    var bias: [Double]
    var x: [[Double]]
    var slopes: [[Double]]
    var y: [[Double]]
    var gradient: Gradient
  }

  struct LossCase: Decodable {
    var name: String
    var columns: Int
    var y: [[Double]]
    var targets: [[Double]]
    var weights: [[Double]]
    var value: Double
    var gradient: [[Double]]
  }

  struct ClassCase: Decodable {
    var y: [[Double]]
    var classes: [Int32]
    var weights: [Double]
    var value: Double
    var gradient: [[Double]]
  }

  struct Update: Decodable {
    struct Parameters: Decodable {
      var cells: [CellParameters]
      var weight: [[Double]]
      var bias: [Double]
    }

    var inputs: Int
    var hidden: Int
    var targets: Int
    var steps: Int
    var batch: Int
    var x: [[[Double]]]
    var expected: [[[Double]]]
    var parameters: Parameters
    var loss: Double
    var gradient: Parameters
    var norm: Double
    var afterUpdate: Parameters
  }

  var cells: [Cells]
  var dense: [Dense]
  var losses: [LossCase]
  var classes: [ClassCase]
  var update: Update

  static let stored: Result<GoldenLayers, any Error> = Result {
    let path = SharedData.projectRoot + "/Tests/Golden/layers.json"
    return try JSONDecoder().decode(
      GoldenLayers.self, from: try Data(contentsOf: URL(filePath: path)))
  }
}

/// Rows of `lanes` numbers, padded with zeros.
func padded(_ rows: [[Double]], to lanes: Int) -> [Double] {
  rows.flatMap { $0 + [Double](repeating: 0, count: lanes - $0.count) }
}

/// The same for a batch's rows at each step, or its states in each layer.
func padded(_ steps: [[[Double]]], to lanes: Int) -> [Double] {
  steps.flatMap { padded($0, to: lanes) }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Replaces the first elements.
  func fill(_ values: [Double]) { _ = update(fromContentsOf: values.map { Float($0) }) }

  /// The greatest difference to as many `values`.
  func distance(to values: [Double]) -> Double {
    zip(self, values).reduce(count == values.count ? 0 : .infinity) {
      Swift.max($0, abs(Double($1.0) - $1.1))
    }
  }
}
