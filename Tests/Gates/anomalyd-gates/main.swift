import Detection
import Glibc
import Monitor

/// The measurements for `Tests/Gates/run.py`: without arguments, allocations and bytes as JSON;
/// with the name of a workload and a number, that workload repeated, for callgrind to count.
let arguments = CommandLine.arguments.dropFirst()

/// Exits with an error message.
func give(up reason: String) -> Never {
  let line = Array("anomalyd-gates: \(reason)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(2)
}

switch arguments.count {
case 0:
  let allocations = Work.all.map { work in
    "\"\(work.name)\": \(Footprint.allocations(of: work, rounds: 200))"
  }
  let limits = HostMonitor.Limits(metrics: Footprint.metrics, history: Footprint.history)
  let bytes = [
    "\"a metric, as the daemon reports\": \(Footprint.reported(limits))",
    "\"a metric, taken from the heap\": \(Footprint.taken(limits))",
    "\"a stream's detector\": \(SequenceDetector.byteCount)",
  ]
  print(
    "{\"allocations\": {\(allocations.joined(separator: ", "))}, "
      + "\"bytes\": {\(bytes.joined(separator: ", "))}}")
case 2:
  guard let work = Work.all.first(where: { $0.name == arguments.first }) else {
    give(up: "expected one of: " + Work.all.map(\.name).joined(separator: ", "))
  }
  guard let rounds = arguments.last.flatMap({ Int($0) }), rounds > 0 else {
    give(up: "expected how often, found \(arguments.last ?? "nothing")")
  }
  let round = work.start()
  for _ in 0..<rounds { round() }
default:
  give(up: "usage: anomalyd-gates [WORK ROUNDS]")
}
