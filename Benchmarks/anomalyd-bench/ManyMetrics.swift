import Detection
import Measuring
import Networks
import Series

/// The cost of a sample if many metrics get one each in turn, so that each has been evicted from
/// the caches by its next sample.
enum ManyMetrics {
  /// Samples after which every bank of a detector is full.
  private static let warmUp = 15_000
  /// Samples per metric in a round: whole cycles of learning and of both longer windows.
  private static let turn = 12

  /// Microseconds per sample for each number of metrics, and the ratio to 100 metrics run by run.
  static func measure(into report: inout Report, counts: [Int], rounds: Int) {
    report.begin("metrics", "µs per sample, pipeline with learning, all metrics warm, in turn")
    let scratch = TrainingScratch()
    let prototypes = (0..<8).map { warm(seed: $0, scratch: scratch) }
    var sets: [[ValueDetector]] = []
    for count in counts {
      let detectors = (0..<count).compactMap { index in
        try? ValueDetector(
          decoding: prototypes[index % prototypes.count], configuration: .init(),
          scratch: scratch)
      }
      precondition(detectors.count == count, "a detector reads what it wrote")
      sets.append(detectors)
    }
    // The result must not depend on the allocator's placement: in order means in order of creation,
    // shuffled any other order.
    var times = [[Double]](repeating: [], count: counts.count)
    var shuffledTimes = times
    var next = [Int](repeating: warmUp, count: counts.count)
    for _ in 0..<rounds {
      for (index, detectors) in sets.enumerated() {
        let turns = max(1, 40_000 / detectors.count / turn)
        times[index].append(run(detectors, from: &next[index], turns: turns))
        guard detectors.count >= 1000 else { continue }
        var random = SplitMix(state: 5)
        let shuffled = detectors.shuffled(using: &random)
        shuffledTimes[index].append(run(shuffled, from: &next[index], turns: turns))
      }
    }
    let hundred = counts.firstIndex(of: 100)
    for (index, count) in counts.enumerated() {
      report.note("\(count) in order", times[index], "µs/sample")
      if let hundred, index > hundred {
        let ratios = zip(times[index], times[hundred]).map { $0 / $1 }
        report.note("\(count) in order, to 100", ratios, "x")
      }
      report.note("\(count) shuffled", shuffledTimes[index], "µs/sample")
    }
    report.note("bytes of one detector", [Double(ValueDetector.byteCount)], "B")
  }

  private static func warm(seed: Int, scratch: TrainingScratch) -> [UInt8] {
    let detector = ValueDetector(scratch: scratch)
    for index in 0..<warmUp { _ = detector.step(Workload.wave(index, seed: seed)) }
    return detector.encode()
  }

  private static func run(_ detectors: [ValueDetector], from next: inout Int, turns: Int) -> Double
  {
    let samples = turns * turn
    let wave = (next..<next + samples).map { Workload.wave($0, seed: 0) }
    next += samples
    let watch = Stopwatch()
    for sample in wave {
      for (index, detector) in detectors.enumerated() {
        _ = detector.step(sample, next: index + 1 < detectors.count ? detectors[index + 1] : nil)
      }
    }
    return watch.microseconds / Double(samples * detectors.count)
  }
}

/// A random number generator with the same sequence in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
