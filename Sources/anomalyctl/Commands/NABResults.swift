import Evaluation
import FoundationEssentials
import Series

/// Writes alarms in the benchmark's own result format, so that its own scorer can judge them.
///
/// `anomalyd/CATEGORY/anomalyd_NAME.csv`, see ``NABOutcome/Run/resultFile(of:)``, and
/// `anomalyd_thresholds.json`, the scorer's thresholds file: 0.5 for every profile.
struct NABResults: Sendable {
  /// The output directory, such as `results` in a checkout of the benchmark.
  let folder: String

  /// Writes the thresholds file for these profiles.
  func writeThresholds(profiles: [String]) throws(CommandFailure) {
    let path = folder + "/anomalyd_thresholds.json"
    let entry = ["score": 0.0, "threshold": 0.5]
    let content = ["anomalyd": profiles.reduce(into: [:]) { $0[$1] = entry }]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try LocalFile.makeFolder(folder)
    let bytes: Data
    do {
      bytes = try encoder.encode(content)
    } catch {
      throw CommandFailure("\(path): cannot be encoded: \(error)")
    }
    try LocalFile.write(bytes, to: path)
  }

  /// Writes the result of one file.
  /// - Parameter file: its path below `data/`, `CATEGORY/NAME.csv`.
  func write(
    _ run: NABOutcome.Run, of file: String, _ samples: [Sample]
  ) throws(CommandFailure) {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let category = ([folder, "anomalyd"] + parts.dropLast().map(String.init))
      .joined(separator: "/")
    try LocalFile.makeFolder(category)
    try LocalFile.write(
      run.resultFile(of: samples).utf8, to: category + "/anomalyd_" + (parts.last ?? ""))
  }
}
