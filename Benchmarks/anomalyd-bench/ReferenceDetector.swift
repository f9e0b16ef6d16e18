import Glibc
import Series

/// The C++ reference of the same algorithm, run as a separate program on the same series.
struct ReferenceDetector {
  /// Its name in the table, including how it was compiled.
  let name: String
  private let program: String
  private let input: String

  /// Writes the series to a file for the program; nil, with a reason on standard error, if that
  /// fails.
  /// - Parameter compiled: `NAME=PROGRAM`, where the name describes how it was compiled.
  init?(compiled: String, series: [[Sample]]) {
    let parts = compiled.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else {
      complain("--reference \(compiled): expected NAME=PROGRAM, skipping the reference")
      return nil
    }
    name = "C++ reference \(parts[0])"
    program = String(parts[1])
    input = "/tmp/anomalyd-bench.\(getpid()).\(parts[0]).bin"
    guard let file = fopen(input, "wb") else {
      complain("cannot write \(input), skipping the reference")
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

  /// Microseconds per sample, as measured by the program itself; nil if it fails.
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
