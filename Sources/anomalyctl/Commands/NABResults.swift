import FoundationEssentials
import Series

/// Writes alarms in the benchmark's own result format, so that its own scorer can judge them.
///
/// `anomalyd/CATEGORY/anomalyd_NAME.csv` with `timestamp,value,anomaly_score,label`: time and
/// value as they were read, 1.0 for a row at which an event opens, else 0.0, and a
/// label of 0 throughout, which the scorer does not read. Beside it `anomalyd_thresholds.json`,
/// which is what the scorer wants to be told as its thresholds file: 0.5 for every profile.
struct NABResults: Sendable {
  /// The folder that takes it all, such as `results` in a checkout of the benchmark.
  let folder: String

  /// Path of the thresholds file.
  var thresholdsPath: String { folder + "/anomalyd_thresholds.json" }

  /// Writes the thresholds file for these profiles.
  func writeThresholds(profiles: [String]) throws(CommandFailure) {
    let entry = ["score": 0.0, "threshold": 0.5]
    let content = ["anomalyd": profiles.reduce(into: [:]) { $0[$1] = entry }]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try LocalFile.makeFolder(folder)
    let bytes: Data
    do {
      bytes = try encoder.encode(content)
    } catch {
      throw CommandFailure("\(thresholdsPath): cannot be made: \(error)")
    }
    try LocalFile.write(bytes, to: thresholdsPath)
  }

  /// Writes the result of one file.
  /// - Parameters:
  ///   - file: its path below `data/`, `CATEGORY/NAME.csv`.
  ///   - samples: its rows.
  ///   - alarms: rows at which an event opened.
  func write(
    file: String,
    samples: [Sample],
    alarms: [Int]
  ) throws(CommandFailure) {
    var text = "timestamp,value,anomaly_score,label\n"
    text.reserveCapacity(samples.count * 40)
    let alarms = Set(alarms)
    for (index, sample) in samples.enumerated() {
      let moment = sample.timestamp.iso8601  // to the benchmark: no T, no zone
      text += moment.prefix(10) + " " + moment.dropFirst(11).prefix(8)
      text += ",\(sample.value),\(alarms.contains(index) ? "1.0" : "0.0"),0\n"
    }
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let category = ([folder, "anomalyd"] + parts.dropLast().map(String.init))
      .joined(separator: "/")
    try LocalFile.makeFolder(category)
    try LocalFile.write(text.utf8, to: category + "/anomalyd_" + (parts.last ?? ""))
  }
}
