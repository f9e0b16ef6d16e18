import Detection
import Glibc
import LSTM
import Series

/// What a metric costs: time for a sample, whole pipeline with learning, and memory.
///
/// Usage: `anomalyd-bench [--reference PROGRAM] [--series FOLDER] [--repeat N]`
func value(of option: String) -> String? {
  let words = CommandLine.arguments
  guard let place = words.firstIndex(of: option), place + 1 < words.count else { return nil }
  return words[place + 1]
}

let known = ["--reference", "--series", "--repeat"]
for word in CommandLine.arguments.dropFirst() where word.hasPrefix("-") && !known.contains(word) {
  complain("unknown option \(word), expected \(known.joined(separator: ", "))")
  exit(2)
}
let repeats = max(1, value(of: "--repeat").flatMap { Int($0) } ?? 7)
let workload = value(of: "--series").flatMap { Workload.recorded($0) } ?? .synthetic
let scratch = TrainingScratch()

print("one core, whole pipeline with learning, \(workload.name), \(workload.sampleCount) samples,")
print("median of \(repeats) runs (least-greatest), kernels \(scratch.kernels.name):")
let reference = value(of: "--reference").flatMap {
  ReferenceDetector(program: $0, series: workload.series)
}
var ours: [Double] = []
var theirs: [Double] = []
var ratios: [Double] = []
_ = workload.measure(scratch)
for _ in 0..<repeats {
  let mine = workload.measure(scratch)
  ours.append(mine)
  if let other = reference?.run() {
    theirs.append(other)
    ratios.append(mine / other)
  }
}
reference?.remove()
print("  anomalyd                   \(Spread(ours).text) µs a sample")
if theirs.isEmpty {
  print("  C++ reference              skipped: not here (--reference PROGRAM)")
} else {
  print("  C++ reference              \(Spread(theirs).text) µs a sample")
  print("  ratio, run by run          \(Spread(ratios).text)")
}
print("")
for metrics in [1, 100, 1000] {
  let spread = Spread((0..<3).map { _ in measureManyMetrics(metrics, scratch) })
  let label = "\(metrics) metric\(metrics == 1 ? "" : "s") in turn"
  let padding = String(repeating: " ", count: max(1, 27 - label.count))
  print("  \(label)\(padding)\(spread.text) µs a sample")
}
for columns in [1, 52] {
  let speeds = (0..<3).compactMap { _ in
    TableReading.measure(columns: columns, rows: columns == 1 ? 500_000 : 40_000)
  }
  guard !speeds.isEmpty else { continue }
  let label = "CSV, \(columns) column\(columns == 1 ? "" : "s")"
  let padding = String(repeating: " ", count: max(1, 27 - label.count))
  let speed = Spread(speeds.map { $0 / 1e6 }).text
  print("  \(label)\(padding)\(speed) million values a second, parsed without detection")
}
print("  memory of one detector     \(Detector.byteCount) bytes")
