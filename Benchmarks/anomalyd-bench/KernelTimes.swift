import MachineLimits
import Measuring
import Networks

/// Times of the network's arithmetic for each instruction set and size, and their share of a core's
/// peak multiply-adds, measured alternately with it.
enum KernelTimes {
  static let hiddenSizes = [8, 16, 32, 64]
  private static let inputs = 12
  private static let horizons = 4
  private static let steps = 32

  static func measure(into report: inout Report, rounds: Int) {
    for set in InstructionSet.available {
      guard let kernels = Kernels(set) else { continue }
      report.begin(
        "kernels \(set.rawValue)",
        "LSTM of 12 inputs, 4 horizons; training is the gradient over 32 steps and Adam; in cache")
      let networks = hiddenSizes.map { TimedNetwork(hidden: $0, kernels: kernels) }
      var cases = [
        Repetition("peak") { count in
          _ = limits_multiply_add(set.rawValue, count)
        }
      ]
      for network in networks { cases += network.repetitions }
      let times = Repetition.interleaved(cases, rounds: rounds, milliseconds: 1)
      let perRound = limits_multiply_add(set.rawValue, 1)
      let peak = times[0].map { perRound / $0 }
      report.note("peak", peak, "Gflop/s", remark: "multiply-adds in registers, one core")
      let limit = Spread(peak).median
      for (index, network) in networks.enumerated() {
        let operations = [
          network.stepOperations, network.stepOperations + network.headOperations,
          network.gradientOperations,
        ]
        for (kind, name) in ["step", "step+head", "training"].enumerated() {
          let measured = times[1 + 3 * index + kind]
          let shares = measured.map { 100 * operations[kind] / $0 / limit }
          let full = "\(name) H=\(network.hidden)"
          report.note(full, measured, "ns", remark: "\(Spread(shares).text)% of the peak")
          report.keep("\(full) of peak", shares, "%")
        }
      }
    }
  }

  /// A network with everything a step and an update need.
  final class TimedNetwork {
    let hidden: Int
    let repetitions: [Repetition]

    /// Floating-point operations of the matrix products; activations are not counted.
    var stepOperations: Double { Double(2 * (inputs + hidden) * 4 * hidden) }
    var headOperations: Double { Double(2 * (inputs + hidden) * 2 * horizons) }
    /// One forward and two backward products; loss, activations and Adam are not counted.
    var gradientOperations: Double {
      let back = Double(2 * (4 * hidden + 2 * horizons) * hidden)
      return Double(steps) * (2 * (stepOperations + headOperations) + back)
    }

    init(hidden: Int, kernels: Kernels) {
      self.hidden = hidden
      let shape = NetworkShape(inputs: inputs, hidden: hidden, horizons: horizons)
      let count = shape.parameterCount
      // Weights, two moments, state, features, outputs: owned by the closures' capture of `memory`.
      let memory = FloatBlock(3 * count + shape.stateCount + 64 + shape.outputLanes)
      let weights = Weights(shape: shape, at: memory.floats)
      var random = XorShift(seed: 7)
      weights.initialize(random: &random)
      let state = memory.floats + 3 * count
      let features = state + shape.stateCount
      let outputs = features + 64
      for index in 0..<inputs { features[index] = Float(random.gaussian()) / 2 }
      let forward = ForwardStep(shape: shape, kernels: kernels)
      let scratch = GradientScratch(shape: shape, steps: steps)
      for index in 0..<(steps * inputs) { scratch.inputs[index] = Float(random.gaussian()) / 2 }
      for index in 0..<(steps * horizons) {
        scratch.targets[index] = Float(random.gaussian())
        scratch.known[index] = 1
      }
      // A learning rate of 0 costs the same and keeps the gradient away from zero, so that the
      // moments never shrink to denormal numbers, as they would when one batch is memorised.
      let learning = TruncatedBPTT(options: .init(learningRate: 0), kernels: kernels)
      let initial = FloatBlock(shape.stateCount)
      repetitions = [
        Repetition("step") { count in
          for _ in 0..<count { forward.advance(state, weights: weights, features: features) }
          memory.keepAlive()
        },
        Repetition("step+head") { count in
          for _ in 0..<count {
            forward.advance(state, weights: weights, features: features)
            forward.outputs(outputs, state: state, weights: weights, features: features)
          }
          memory.keepAlive()
        },
        Repetition("training") { repeats in
          var clock = AdamClock()
          for _ in 0..<repeats {
            learning.update(
              weights: weights,
              moments: AdamMoments(
                mean: weights.floats + count, variance: weights.floats + 2 * count),
              clock: &clock, initialState: initial.floats, scratch: scratch)
          }
          memory.keepAlive()
        },
      ]
    }
  }
}

/// Zeros, aligned to a cache line.
final class FloatBlock {
  let floats: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
    floats = memory.bindMemory(to: Float.self, capacity: count)
    floats.initialize(repeating: 0, count: count)
  }

  deinit { floats.deallocate() }

  /// Keeps the memory alive until users of the pointer have finished.
  func keepAlive() { withExtendedLifetime(self) {} }
}

/// Zeroed words in separate memory.
final class WordBlock {
  let words: UnsafeMutablePointer<UInt16>

  init(_ count: Int) {
    words = .allocate(capacity: count)
    words.initialize(repeating: 0, count: count)
  }

  deinit { words.deallocate() }

  /// As ``FloatBlock/keepAlive()``.
  func keepAlive() { withExtendedLifetime(self) {} }
}
