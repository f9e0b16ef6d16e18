import Detection
import Measuring
import Networks
import Series

/// How the time of a sample is spent.
///
/// The pipeline is not instrumented. Stages that can run in isolation process the same series on
/// their own, from the first sample to the last. Learning happens at every fourth sample, so its
/// cost is the additional time of those samples over their neighbours. What remains of the whole is
/// reported as the rest, not distributed.
enum Stages {
  static func measure(into report: inout Report, workload: Workload, rounds: Int) {
    let scratch = TrainingScratch()
    report.begin(
      "stages", "of the whole pipeline, \(workload.name), kernels \(scratch.kernels.name)")
    let series = workload.series.map { $0.filter(\.value.isFinite) }
    let count = Double(series.reduce(0) { $0 + $1.count })
    let stages = alone(scratch: scratch)
    let kernels = LearningKernels(kernels: scratch.kernels)
    var whole: [Double] = []
    var learning: [Double] = []
    var times = [[Double]](repeating: [], count: stages.count)
    var gradient: [Double] = []
    var adam: [Double] = []
    for _ in 0..<rounds {
      whole.append(1e3 * Workload(name: "", series: series).measure(scratch))
      learning.append(learningByPhase(series, scratch))
      for (index, stage) in stages.enumerated() {
        times[index].append(series.reduce(0) { $0 + stage.run($1) } / count)
      }
      let both = kernels.time(repeats: 2000)
      // Two updates at every fourth sample.
      gradient.append(both.gradient / 2)
      adam.append(both.adam / 2)
    }
    report.note("whole", whole, "ns/sample")
    for (index, stage) in stages.enumerated() { report.note(stage.name, times[index], "ns/sample") }
    report.note("learning", learning, "ns/sample", remark: "all of it; of which")
    report.note("learning: gradients", gradient, "ns/sample")
    report.note("learning: Adam", adam, "ns/sample")
    let others = whole.indices.map { learning[$0] - gradient[$0] - adam[$0] }
    report.note("learning: features, targets", others, "ns/sample", remark: "the difference")
    let rest = whole.indices.map { round in
      whole[round] - learning[round] - times.reduce(0) { $0 + $1[round] }
    }
    report.note(
      "rest", rest, "ns/sample", remark: "the difference: drift, fusion, band, bookkeeping")
  }

  /// A stage that processes a whole series in isolation.
  private struct Stage {
    let name: String
    /// Nanoseconds for a series.
    let run: ([Sample]) -> Double
  }

  private static func alone(scratch: TrainingScratch) -> [Stage] {
    func timed(_ name: String, _ make: @escaping () -> (Sample) -> Void) -> Stage {
      Stage(name: name) { samples in
        let step = make()
        let watch = Stopwatch()
        for sample in samples { step(sample) }
        return watch.nanoseconds
      }
    }
    func window(_ name: String, _ span: WindowNovelty.Span) -> Stage {
      timed(name) {
        let bank = WordBlock(span.halfCount)
        var novelty = WindowNovelty(span, bank: bank.words)
        return { sample in
          _ = novelty.distance(sample.value, scratch: scratch)
          bank.keepAlive()
        }
      }
    }
    return [
      timed("scaler") {
        var scaler = Scaler()
        scaler.prime([0, 1])
        var seen = 2
        return { sample in
          // As in a step: the forecast and both edges of its band are unscaled, the value scaled
          // twice.
          let z = scaler.scaled(sample.value)
          keep(scaler.unscaled(Double(z)) + scaler.unscaled(-1) + scaler.unscaled(1))
          scaler.learn(sample.value, seen: seen)
          keep(Double(scaler.scaled(sample.value)))
          seen += 1
        }
      },
      timed("forecast: step and head") {
        let network = LearningKernels(kernels: scratch.kernels)
        return { _ in network.forecast() }
      },
      timed("evidence jump: daily profile") {
        let profile = WordBlock(DailyProfile.bins)
        let visits = WordBlock(DailyProfile.span)
        var forgiveness = DailyProfile(profile: profile.words, visits: visits.words)
        return { sample in
          keep(forgiveness.remaining(abs(sample.value), at: sample.timestamp, usual: 1))
          profile.keepAlive()
          visits.keepAlive()
        }
      },
      window("evidence window8", .window8),
      window("evidence window48", .window48),
      window("evidence window144", .window144),
      timed("evidence value, value3") {
        let banks = FloatBlock(2 * ValueMemory.floatCount)
        var values = ValueMemory(lag: 1, values: banks.floats)
        var values3 = ValueMemory(lag: 3, values: banks.floats + ValueMemory.floatCount)
        return { sample in
          keep(Double(values.distance(Float(sample.value)) + values3.distance(Float(sample.value))))
          banks.keepAlive()
        }
      },
      timed("evidence quiet") {
        let changes = WordBlock(QuietEvidence.window)
        var quiet = QuietEvidence(changes: changes.words)
        var last = 0.0
        return { sample in
          keep(quiet.evidence(abs(sample.value - last)) ?? 0)
          last = sample.value
          changes.keepAlive()
        }
      },
      timed("calibrators, 8") {
        var calibrators = (0..<8).map { TailCalibrator($0 < 2 ? .fast : .slow) }
        var last = 0.0
        return { sample in
          for index in calibrators.indices {
            keep(Double(calibrators[index].surprise(abs(sample.value - last))))
          }
          last = sample.value
        }
      },
      timed("threshold") {
        var threshold = AlarmThreshold(budget: 5000)
        var seen = 0
        return { _ in
          keep(Double(threshold.judge(1, seen: seen).threshold))
          seen += 1
        }
      },
    ]
  }

  /// Nanoseconds per sample spent on learning: every fourth sample compared with the two after it.
  /// The search of longer windows falls on the third after it, and is excluded.
  private static func learningByPhase(_ series: [[Sample]], _ scratch: TrainingScratch) -> Double {
    var sums = [0.0, 0, 0, 0]
    var counts = [0.0, 0, 0, 0]
    for samples in series {
      let detector = ValueDetector(scratch: scratch)
      for (index, sample) in samples.enumerated() {
        let watch = Stopwatch()
        _ = detector.step(sample)
        guard index >= 1024 else { continue }
        sums[index % 4] += watch.nanoseconds
        counts[index % 4] += 1
      }
    }
    let learning = sums[0] / counts[0]
    let idle = (sums[1] + sums[2]) / (counts[1] + counts[2])
    return (learning - idle) / 4
  }

  /// Keeps the compiler from eliminating unused results.
  @inline(never) private static func keep(_ value: Double) {}
}

/// The detector's network with everything an update needs.
private final class LearningKernels {
  private static let shape = NetworkShape(inputs: 12, hidden: 8, horizons: 4)
  private let memory = FloatBlock(3 * shape.parameterCount + 3 * shape.stateCount + 64)
  private let scratch = GradientScratch(shape: shape, steps: 32)
  private let learning: TruncatedBPTT
  private let forward: ForwardStep
  private let weights: Weights
  private let state: UnsafeMutablePointer<Float>

  init(kernels: Kernels) {
    learning = TruncatedBPTT(options: .init(learningRate: 0), kernels: kernels)
    forward = ForwardStep(shape: Self.shape, kernels: kernels)
    weights = Weights(shape: Self.shape, at: memory.floats)
    state = memory.floats + 3 * Self.shape.parameterCount
    var random = XorShift(seed: 7)
    weights.initialize(random: &random)
    for index in 0..<(32 * 12) { scratch.inputs[index] = Float(random.gaussian()) / 2 }
    for index in 0..<(32 * 4) {
      scratch.targets[index] = Float(random.gaussian())
      scratch.known[index] = 1
    }
  }

  func forecast() {
    forward.advance(state, weights: weights, features: scratch.inputs)
    forward.outputs(
      state + 2 * Self.shape.stateCount, state: state, weights: weights, features: scratch.inputs)
  }

  /// Nanoseconds of one gradient, and of one Adam step with its norm.
  func time(repeats: Int) -> (gradient: Double, adam: Double) {
    let initial = state + Self.shape.stateCount
    var watch = Stopwatch()
    for _ in 0..<repeats {
      learning.computeGradient(weights: weights, initialState: initial, scratch: scratch)
    }
    let gradient = watch.nanoseconds / Double(repeats)
    let count = Self.shape.parameterCount
    let moments = AdamMoments(mean: weights.floats + count, variance: weights.floats + 2 * count)
    var clock = AdamClock()
    watch = Stopwatch()
    for _ in 0..<repeats {
      learning.update(
        weights: weights, moments: moments, clock: &clock, initialState: initial, scratch: scratch)
    }
    return (gradient, watch.nanoseconds / Double(repeats) - gradient)
  }
}
