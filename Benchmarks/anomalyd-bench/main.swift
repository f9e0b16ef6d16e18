import Detection
import Glibc
import Measuring
import Series

/// The cost of a metric within this process: the network's arithmetic relative to a core's peak,
/// the whole pipeline, and its stages. `Benchmarks/run.py` calls it and adds what needs other
/// programs.
let options = Options(CommandLine.arguments.dropFirst())
if options.isPace {
  TrainingPace.serve()
  exit(0)
}
if options.isAlarms {
  let variants = (["nothing"] + options.without).map { name in
    guard let variant = AlarmService.Variant(name) else {
      complain("no rule or kind of evidence in \(name)")
      exit(2)
    }
    return variant
  }
  AlarmService(
    variants: variants, seeds: options.seeds,
    budgets: options.budgets.isEmpty ? [5000] : options.budgets
  ).serve()
  exit(0)
}
var report = Report { print($0) }
let workload = options.series.flatMap { Workload.recorded($0) } ?? .synthetic

if options.has("kernels") {
  KernelTimes.measure(into: &report, rounds: options.isQuick ? 11 : 41)
}
if options.has("training") {
  TrainingTimes.measure(into: &report, rounds: options.isQuick ? 11 : 41)
}
if options.has("memory") {
  let streamed = StreamedArray()
  ColdModels.measure(
    into: &report, models: 10_000, rounds: options.isQuick ? 5 : 15, streamed: streamed)
}
if options.has("pipeline") {
  let references = options.references.compactMap {
    ReferenceDetector(compiled: $0, series: workload.series)
  }
  PipelineTimes.measure(
    into: &report, workload: workload, references: references, runs: options.isQuick ? 3 : 9)
  for reference in references { reference.remove() }
}
if options.has("stages") {
  Stages.measure(into: &report, workload: workload, rounds: options.isQuick ? 3 : 7)
}
if options.has("metrics") {
  let counts = [1, 100, 1000, 10_000] + (options.isQuick ? [] : [100_000])
  ManyMetrics.measure(into: &report, counts: counts, rounds: options.isQuick ? 3 : 5)
}
if options.has("tables") {
  TableReading.measure(into: &report, rounds: 3)
}
if let path = options.json {
  do {
    let bytes = try report.json()
    guard let file = fopen(path, "w") else {
      complain("cannot write \(path): \(String(cString: strerror(errno)))")
      exit(1)
    }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else {
      complain("cannot write \(path): the device is full?")
      exit(1)
    }
  } catch {
    complain("\(error)")
    exit(1)
  }
}
