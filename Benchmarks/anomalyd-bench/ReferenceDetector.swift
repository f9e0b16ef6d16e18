import Glibc
import Series

/// The C++ reference of the same algorithm, run as a program of its own on the same series.
struct ReferenceDetector {
  /// What it is called in the table: its name, and how it was compiled.
  let name: String
  private let program: String
  private let input: String

  /// Writes the series where the program reads them; nil, with a reason on standard error, when
  /// that fails.
  /// - Parameter compiled: `NAME=PROGRAM`, where the name says how it was compiled.
  init?(compiled: String, series: [[Sample]]) {
    let parts = compiled.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else {
      complain("--reference \(compiled): expected NAME=PROGRAM, the reference is skipped")
      return nil
    }
    name = "C++ reference \(parts[0])"
    program = String(parts[1])
    input = "/tmp/anomalyd-bench.\(getpid()).\(parts[0]).bin"
    guard let file = fopen(input, "wb") else {
      complain("cannot write \(input), the reference is skipped")
      return nil
    }
    defer { fclose(file) }
    func put(_ number: Int32) {
      withUnsafeBytes(of: number) { _ = fwrite($0.baseAddress, 4, 1, file) }
    }
    func put(_ number: Double) {
      withUnsafeBytes(of: number) { _ = fwrite($0.baseAddress, 8, 1, file) }
    }
    put(Int32(series.count))
    for samples in series {
      put(Int32(samples.count))
      put(Int32(100))
      for sample in samples { put(sample.timestamp.seconds) }
      for sample in samples { put(sample.value) }
    }
  }

  /// Microseconds a sample, as the program measures itself; nil when it fails.
  func run() -> Double? {
    guard let pipe = popen("'\(program)' '\(input)' /dev/null seed=1 2>&1", "r") else { return nil }
    var line = [CChar](repeating: 0, count: 4096)
    var text = ""
    while fgets(&line, Int32(line.count), pipe) != nil {
      text += String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }
    guard pclose(pipe) == 0 else { return nil }
    let words = text.split(separator: " ")
    guard let place = words.firstIndex(of: "us/sample"), place + 1 < words.count else { return nil }
    return Double(words[place + 1])
  }

  /// Removes the series again.
  func remove() { unlink(input) }
}
