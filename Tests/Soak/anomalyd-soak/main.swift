import Glibc

/// anomalyd-soak METRICS DAYS [SECONDS]: the daemon on weeks of samples, SECONDS apart (60), with the time
/// of day following them. Prints a line a day and what did not stay as it should; 1 if anything did.
let arguments = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
guard (2...3).contains(arguments.count), arguments.allSatisfy({ $0 > 0 }) else {
  let line = Array("usage: anomalyd-soak METRICS DAYS [SECONDS-BETWEEN-SAMPLES]\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(2)
}
let plan = SoakPlan(
  metrics: arguments[0], days: arguments[1], interval: arguments.count == 3 ? arguments[2] : 60)
do {
  let complaints = try Soak(plan).run()
  for complaint in complaints { print("FAILED  \(complaint)") }
  print(complaints.isEmpty ? "ok" : "\(complaints.count) failed")
  exit(complaints.isEmpty ? 0 : 1)
} catch {
  print("FAILED  the run ended early: \(error)")
  exit(1)
}
