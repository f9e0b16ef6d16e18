import Detection
import Glibc
import Measuring
import Series

/// The series to measure with, and one pass of the detector over them.
struct Workload {
  let name: String
  let series: [[Sample]]

  var sampleCount: Int { series.reduce(0) { $0 + $1.count } }

  /// Daily waves with noise and a jump, the same in every run.
  static let synthetic = Workload(
    name: "4 synthetic series",
    series: (1...4).map { seed in
      (0..<10_000).map { index in
        var sample = wave(index, seed: seed)
        if (8000..<8020).contains(index) { sample.value += 30 }
        return sample
      }
    })

  /// One sample of a daily wave with noise, one every five minutes.
  static func wave(_ index: Int, seed: Int) -> Sample {
    var random = SplitMix(state: UInt64(seed) << 32 | UInt64(index))
    let noise = (0..<4).reduce(-2.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
    return Sample(
      timestamp: Timestamp(seconds: 1.7672e9 + Double(index) * 300),
      value: 50 + 10 * sin(Double(index) * 2 * .pi / 288) + noise)
  }

  /// The files of a directory whose rows begin with epoch seconds and a value.
  static func recorded(_ folder: String) -> Workload? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".csv") { names.append(name) }
    }
    let series = names.sorted().map { read(folder + "/" + $0) }.filter { $0.count > 300 }
    guard !series.isEmpty else { return nil }
    return Workload(name: "\(series.count) recorded series", series: series)
  }

  private static func read(_ path: String) -> [Sample] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var samples: [Sample] = []
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(truncatingIfNeeded: $0) },
        as: UTF8.self)
      let cells = text.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count >= 2, let seconds = Double(cells[0]) else { continue }
      samples.append(
        Sample(timestamp: Timestamp(seconds: seconds), value: Double(cells[1]) ?? .nan))
    }
    return samples
  }

  /// Microseconds per sample of a detector with learning, with a fresh detector for each series.
  func measure(_ scratch: TrainingScratch) -> Double {
    var elapsed = 0.0
    for samples in series {
      let detector = ValueDetector(scratch: scratch)
      let watch = Stopwatch()
      for sample in samples { _ = detector.step(sample) }
      elapsed += watch.microseconds
    }
    return elapsed / Double(sampleCount)
  }
}
