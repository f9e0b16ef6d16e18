import FoundationEssentials
import Networks
import Support

/// What `Tests/Golden/generate.py` computed with PyTorch.
struct GoldenVectors: Decodable {
  struct Header: Decodable {
    var torch: String
  }

  struct Shape: Decodable {
    var inputs: Int
    var hidden: Int
    var horizons: Int
    var steps: Int
  }

  /// PyTorch's layout: gates i, f, g, o in blocks of `hidden` rows; outputs 2q and 2q + 1 are mean
  /// and log-scale of horizon q.
  struct Parameters: Decodable {
    var weightIH: [[Double]]
    var weightHH: [[Double]]
    var bias: [Double]
    var headH: [[Double]]
    var headBias: [Double]
    var headX: [[Double]]

    /// The same numbers in the project's layout.
    func flattened(_ shape: NetworkShape) -> [Double] {
      var result = [Double](repeating: 0, count: shape.parameterCount)
      for gate in Gate.allCases {
        for unit in 0..<shape.hidden {
          let row = gate.rawValue * shape.hidden + unit
          func place(_ source: WeightRow) -> Int {
            shape.gateIndex(gate, unit: unit, from: source)
          }
          result[place(.bias)] = bias[row]
          for (i, value) in weightIH[row].enumerated() { result[place(.feature(i))] = value }
          for (i, value) in weightHH[row].enumerated() { result[place(.unit(i))] = value }
        }
      }
      for output in 0..<(2 * shape.horizons) {
        func place(_ source: WeightRow) -> Int {
          output % 2 == 0
            ? shape.meanIndex(horizon: output / 2, from: source)
            : shape.logScaleIndex(horizon: output / 2, from: source)
        }
        result[place(.bias)] = headBias[output]
        for (i, value) in headX[output].enumerated() { result[place(.feature(i))] = value }
        for (i, value) in headH[output].enumerated() { result[place(.unit(i))] = value }
      }
      return result
    }
  }

  struct Window: Decodable {
    var x: [[Double]]
    var h: [Double]
    var c: [Double]
    var targets: [[Double]]
    var known: [[Bool]]
  }

  struct Forward: Decodable {
    var h: [[Double]]
    var c: [[Double]]
    var y: [[Double]]
  }

  struct Example: Decodable {
    var name: String
    var shape: Shape
    var parameters: Parameters
    var window: Window
    var forward: Forward
    var gradient: Parameters
    var losses: [Double]
    var afterOneUpdate: Parameters
    var afterThreeUpdates: Parameters

    var networkShape: NetworkShape {
      NetworkShape(inputs: shape.inputs, hidden: shape.hidden, horizons: shape.horizons)
    }

    /// The example in the form used by the other tests.
    var testCase: Case {
      Case(
        network: ReferenceNetwork(
          shape: networkShape, parameters: parameters.flattened(networkShape)),
        sequence: ReferenceNetwork.Sequence(
          features: window.x,
          targets: zip(window.targets, window.known).map { targets, known in
            zip(targets, known).map { $1 ? $0 : nil }
          }, hidden: window.h, cell: window.c))
    }
  }

  var header: Header
  var training: Training
  var cases: [Example]

  struct Training: Decodable {
    /// The constant by which PyTorch's likelihood exceeds ours for each known target.
    var lossConstantPerKnownTarget: Double
  }

  static let stored: Result<GoldenVectors, any Error> = Result {
    let path = SharedData.projectRoot + "/Tests/Golden/lstm.json"
    return try JSONDecoder().decode(
      GoldenVectors.self, from: try Data(contentsOf: URL(filePath: path)))
  }
}
