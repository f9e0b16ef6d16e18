import Glibc
import Measuring
import Networks

/// Training steps at the command of another program, which alternates with its own so that both meet
/// the same machine: `peers/pytorch_training_ratio.py`.
///
/// A line "UNITS THREADS STEPS" asks for so many steps of `Learner`, as `anomalyctl train` makes them:
/// LSTM of 12 inputs, dense head, Student-t of 4 targets, clipping, Adam; batch 32, sequence 64. The
/// answer is a line with the microseconds that a step took.
enum TrainingPace {
  static func serve() {
    var learners: [String: Learner<Examples>] = [:]
    while let line = readLine() {
      let words = line.split(separator: " ").compactMap { Int($0) }
      guard words.count == 3, words.allSatisfy({ $0 > 0 }) else {
        complain("expected 'UNITS THREADS STEPS', found '\(line)'")
        return
      }
      let key = "\(words[0]) \(words[1])"
      let learner =
        learners[key] ?? Learner(Examples(hidden: words[0]), seed: 7, threads: words[1])
      learners[key] = learner
      let watch = Stopwatch()
      for _ in 0..<words[2] {
        _ = learner.update(batch: 0, learningRate: 1e-4, dropout: 0)
      }
      print(watch.nanoseconds / 1e3 / Double(words[2]))
      fflush(nil)
    }
  }

  /// One batch, again and again.
  private final class Examples: ExampleSource {
    private static let (inputs, targets, steps) = (12, 4, 64)
    let batch = 32
    private let hidden: Int
    private let values: [Float]

    init(hidden: Int) {
      self.hidden = hidden
      var random = XorShift(seed: 3)
      values = (0..<(Examples.steps * batch * Examples.inputs)).map { _ in
        Float(random.gaussian())
      }
    }

    func makePass(batch: Int) -> RecurrentPass {
      RecurrentPass(
        inputs: Examples.inputs, hidden: [hidden], targets: Examples.targets,
        loss: .studentT(degreesOfFreedom: 4), steps: Examples.steps, batch: batch)
    }

    func batches(of part: ExamplePart) -> Int { 1 }

    func begin(_ part: ExamplePart, random: inout XorShift) {}

    func load(_ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: RecurrentPass) {
      let (lanes, head) = (pass.stack.layers[0].shape.lanes, pass.head)
      pass.stack.resetState()
      for step in 0..<Examples.steps {
        for (place, sequence) in rows.enumerated() {
          let row = step * rows.count + place
          let start = (step * batch + sequence) * Examples.inputs
          for input in 0..<Examples.inputs {
            pass.stack.inputs[row * lanes + input] = values[start + input]
          }
          for target in 0..<Examples.targets {
            head.targets[row * head.lanes + target] = values[start + target]
            head.targetWeights[row * head.lanes + target] = 1
          }
        }
      }
    }
  }
}
