import CommandLine
import Config
import Control
import Evaluation
import FoundationEssentials
import Glibc
import Models
import Series

/// A search of `anomalyctl tune`.
struct TuningSearch {
  private let options: TuningOptions

  init(_ arguments: Arguments) throws {
    options = try TuningOptions(arguments)
    if let output = options.training?.output, !output.isEmpty {
      try LocalFile.requireWritable(output)
    }
    if let state = options.state { try LocalFile.requireWritable(state) }
  }

  /// One line of the file in which trials are kept.
  private struct Kept: Codable {
    var parameters: [String: Double]
    var value: Double?
  }

  /// Runs the trials, then judges the chosen parameters on the held-out rows.
  func run(_ console: Console, asJSON: Bool) throws {
    var tuner = Tuner(options.parameters, seed: options.seed)
    for trial in try kept() { tuner.add(trial) }
    let resumed = tuner.trials.count
    if resumed > 0 {
      console.note("anomalyctl: \(HumanNumber.counted(resumed, "trial")) loaded: continuing\n")
    }
    let signals = SignalInterruption([SIGINT, SIGTERM])
    var isInterrupted = false
    let proceed = {
      isInterrupted = isInterrupted || (signals?.hasArrived ?? false)
      return !isInterrupted
    }
    let detector = options.isDetector ? detectorTuning(console) : nil
    let model = modelTuning
    let begin = ContinuousClock.now
    var progress = Progress(total: options.trials, unit: "trials")
    while tuner.trials.count < options.trials, proceed() {
      let values = tuner.next()
      var value = Double.nan
      if let detector {
        value =
          scorecard(detector, values, 0..<0.8).value(options.measure ?? .eventF1) ?? 0
      } else if let model {
        do throws(ModelTraining.Failure) {
          value = try model.value(values, proceed: proceed)
        } catch {
          // For example a window that is too long for the rows: others may work.
          console.note("anomalyctl: \(describe(values)): \(TrainingReport.text(of: error))\n")
        }
      }
      // The result of an interrupted trial is meaningless.
      guard proceed() else { break }
      tuner.add(Tuner.Trial(parameters: values, value: value))
      try keep(tuner)
      let elapsed = begin.duration(to: .now)
      if let width = console.progressWidth, elapsed > .seconds(2),
        let line = progress.redraw(
          done: tuner.trials.count - resumed,
          share: Double(tuner.trials.count - resumed) / Double(max(1, options.trials - resumed)),
          elapsed: elapsed, width: width)
      {
        console.note(line)
      }
    }
    guard let best = tuner.best else {
      throw CommandFailure("expected a trial with a result, found none")
    }
    if isInterrupted { console.note("anomalyctl: interrupted, using the best trial so far\n") }
    var report = TuningReport(tuner, best: best, options: options)
    if let detector {
      report.heldOut = scorecard(detector, best.parameters, 0.8..<1)
    } else if let model {
      do throws(ModelTraining.Failure) {
        let (trained, heldOut) = try model.finish(best.parameters) { true }
        (report.heldOut, report.forecastRatios) = (heldOut.scorecard, heldOut.forecastRatios)
        if let output = options.training?.output, !output.isEmpty {
          try? LocalFile.replace(output, with: trained.bytes)
          report.written = output
        }
      } catch {
        throw CommandFailure(TrainingReport.text(of: error))
      }
    }
    try console.write(lines: asJSON ? [try JSONLine.text(report.json)] : report.lines(console))
  }

  private var modelTuning: ModelTuning? {
    options.training.map { training in
      ModelTuning(
        training.request, options.tables, varying: options.parameters.map(\.name),
        options.matching, by: options.measure,
        threads: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
  }

  private func detectorTuning(_ console: Console) -> DetectorTuning {
    let total = options.tables.reduce(0) { $0 + $1.columns.count }
    var progress = Progress(total: total, unit: "series")
    let begin = ContinuousClock.now
    var done = 0
    return DetectorTuning(
      options.tables, seed: options.seed, tolerance: options.matching.tolerance
    ) {
      done += 1
      let elapsed = begin.duration(to: .now)
      if let width = console.progressWidth, elapsed > .seconds(2),
        let line = progress.redraw(done: done, elapsed: elapsed, width: width)
      {
        console.note(line)
      }
    }
  }

  private func scorecard(
    _ detector: DetectorTuning, _ values: [Double], _ part: Range<Double>
  ) -> Scorecard {
    func value(_ name: String, _ usual: Double) -> Double {
      options.parameters.firstIndex { $0.name == name }.map { values[$0] } ?? usual
    }
    return detector.scorecard(
      budget: value("budget", 5000), merge: value("merge", 30), part: part)
  }

  private func describe(_ values: [Double]) -> String {
    zip(options.parameters, values).map { "\($0.name) \(HumanNumber.value($1))" }
      .joined(separator: ", ")
  }

  /// The trials in the file, if there are any of these parameters.
  private func kept() throws(CommandFailure) -> [Tuner.Trial] {
    guard let state = options.state, LocalFile.exists(state) else { return [] }
    var trials: [Tuner.Trial] = []
    let text = String(decoding: try LocalFile.read(state), as: UTF8.self)
    for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let kept = try? JSONDecoder().decode(Kept.self, from: Data(line.utf8))
      let values = kept.map { kept in options.parameters.compactMap { kept.parameters[$0.name] } }
      guard let kept, let values, values.count == options.parameters.count,
        kept.parameters.count == values.count
      else {
        throw CommandFailure(
          "\(state):\(index + 1): expected a trial of "
            + options.parameters.map(\.name).joined(separator: ", ")
            + ", found another: choose another --state")
      }
      trials.append(Tuner.Trial(parameters: values, value: kept.value ?? .nan))
    }
    return trials
  }

  private func keep(_ tuner: Tuner) throws {
    guard let state = options.state else { return }
    var text = ""
    for trial in tuner.trials {
      let pairs = zip(options.parameters.map(\.name), trial.parameters)
      let kept = Kept(
        parameters: Dictionary(pairs, uniquingKeysWith: { first, _ in first }),
        value: trial.value.isFinite ? trial.value : nil)
      text += try JSONLine.text(kept) + "\n"
    }
    try LocalFile.replace(state, with: Array(text.utf8))
  }
}
