import Detection
import Glibc
import Series

/// Runs the detector of values over the series that come on standard input, with rules left out, for
/// `Benchmarks/ablation.py`.
///
/// A series is a line with the number of its samples, and for each of them Unix time and value as two
/// doubles. The answer, for each variant and seed, is a line `VARIANT SEED ERROR COVERAGE`, a line with
/// the rows that open an event for each budget, and the scores as floats. ERROR is the forecast's mean
/// square error relative to that of the last value, COVERAGE the share of samples inside the band.
final class AlarmService {
  /// The detector without some of its rules and kinds of evidence.
  struct Variant {
    let name: String
    var omitted: DetectorParts = []
    var context = StepContext(.values)

    /// - Parameter name: rules and kinds of evidence, joined by `+`; `nothing` for the whole detector.
    init?(_ name: String) {
      self.name = name
      for word in name.split(separator: "+") where word != "nothing" {
        switch word {
        case "corroboration": omitted.insert(.corroboration)
        case "experience": omitted.insert(.experience)
        case "echoes": omitted.insert(.echoes)
        case "seasonal-forecast": omitted.insert(.seasonalForecast)
        default:
          guard let evidence = Evidence(name: word), evidence.family == .values else { return nil }
          // No evidence is as rare as this.
          context.feedbackOffsets[evidence] = 1000
        }
      }
    }
  }

  private let variants: [Variant]
  private let seeds: Int
  private let budgets: [Double]
  private let scratch = TrainingScratch()
  private let input = fdopen(0, "r")
  private let output = fdopen(1, "w")

  /// Answers for these variants and budgets, with seeds from 1.
  init(variants: [Variant], seeds: Int, budgets: [Double]) {
    self.variants = variants
    self.seeds = seeds
    self.budgets = budgets
  }

  /// Answers until the input ends.
  func serve() {
    var line = [CChar](repeating: 0, count: 64)
    while fgets(&line, Int32(line.count), input) != nil {
      guard let count = Int(exactly: atol(line)), count > 0 else { return }
      let numbers = [Double](unsafeUninitializedCapacity: 2 * count) { buffer, filled in
        filled = fread(buffer.baseAddress, 8, 2 * count, input)
      }
      guard numbers.count == 2 * count else { return }
      for variant in variants {
        for seed in 1...seeds { answer(numbers, variant, seed: UInt64(seed)) }
      }
      fflush(output)
    }
  }

  private func answer(_ numbers: [Double], _ variant: Variant, seed: UInt64) {
    let count = numbers.count / 2
    let detector = ValueDetector(
      configuration: DetectorConfiguration(seed: seed), scratch: scratch, omitting: variant.omitted)
    var thresholds = budgets.map { AlarmThreshold(budget: $0) }
    var opened = [[Int]](repeating: [], count: budgets.count)
    var scores = [Float](repeating: 0, count: count)
    var (forecastError, lastError, inside, judged) = (0.0, 0.0, 0, 0)
    var last = Double.nan
    for row in 0..<count {
      let value = numbers[2 * row + 1]
      let seen = detector.seen
      let verdict = detector.step(
        .value(value), at: Timestamp(seconds: numbers[2 * row]), variant.context, next: nil)
      guard value.isFinite else {
        for index in thresholds.indices { thresholds[index].skip() }
        continue
      }
      scores[row] = verdict.score
      for index in thresholds.indices {
        let ruling = thresholds[index].judge(
          verdict.score, seen: seen, value: verdict.value,
          renews: Fusion.renews(verdict.evidence, feedback: variant.context.feedbackOffsets))
        if ruling.opens { opened[index].append(row) }
      }
      if row >= AlarmThreshold.leastWarmUp {
        forecastError += (value - verdict.expected) * (value - verdict.expected)
        lastError += (value - last) * (value - last)
        if verdict.lower <= value, value <= verdict.upper { inside += 1 }
        judged += 1
      }
      last = value
    }
    let error = lastError > 0 ? forecastError / lastError : 1
    let coverage = Double(inside) / Double(max(1, judged))
    fputs("\(variant.name) \(seed) \(error) \(coverage)\n", output)
    for rows in opened {
      fputs(rows.map(String.init).joined(separator: ",") + "\n", output)
    }
    scores.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, output) }
  }
}
