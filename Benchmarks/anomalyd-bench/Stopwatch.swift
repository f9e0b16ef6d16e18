import Glibc

/// Wall-clock time between two moments, for code that runs alone on its core.
struct Stopwatch {
  private let start = Stopwatch.now()

  /// Microseconds since the stopwatch was made.
  var microseconds: Double { (Stopwatch.now() - start) * 1e6 }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The middle of several measurements and their extremes.
struct Spread {
  let median: Double
  let least: Double
  let greatest: Double

  /// - Parameter values: at least one.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    median = sorted[sorted.count / 2]
    least = sorted[0]
    greatest = sorted[sorted.count - 1]
  }

  /// Such as `2.51 (2.48-2.70)`.
  var text: String {
    "\(Spread.rounded(median)) (\(Spread.rounded(least))-\(Spread.rounded(greatest)))"
  }

  static func rounded(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let rest = String(hundredths % 100)
    return "\(hundredths / 100).\(rest.count == 1 ? "0" : "")\(rest)"
  }
}

/// Writes a line to standard error.
func complain(_ text: String) {
  let line = "anomalyd-bench: \(text)\n"
  _ = line.withCString { write(2, $0, strlen($0)) }
}
