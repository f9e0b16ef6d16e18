import Detection
import Measuring
import Networks

/// The whole pipeline compared with the C++ reference, run by run.
enum PipelineTimes {
  static func measure(
    into report: inout Report, workload: Workload, references: [ReferenceDetector], runs: Int
  ) {
    let scratch = TrainingScratch()
    report.begin(
      "pipeline",
      "whole pipeline with learning, \(workload.name), \(workload.sampleCount) samples, "
        + "one core, kernels \(scratch.kernels.name)")
    var ours: [Double] = []
    var theirs = [[Double]](repeating: [], count: references.count)
    var ratios = theirs
    _ = workload.measure(scratch)
    for _ in 0..<runs {
      let mine = workload.measure(scratch)
      ours.append(mine)
      for (index, reference) in references.enumerated() {
        guard let other = reference.run() else { continue }
        theirs[index].append(other)
        ratios[index].append(mine / other)
      }
    }
    report.note("anomalyd", ours, "µs/sample")
    if references.isEmpty { report.skip("C++ reference", because: "not available (--reference)") }
    for (index, reference) in references.enumerated() {
      if theirs[index].isEmpty { report.skip(reference.name, because: "it failed") }
      report.note(reference.name, theirs[index], "µs/sample")
      report.note("ratio to \(reference.name)", ratios[index], "x", remark: "run by run")
    }
  }
}
