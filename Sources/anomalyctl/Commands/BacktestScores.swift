import Detection
import Series

/// A CSV file with one line per sample and what the detector said of it.
///
/// Columns: `timestamp,value,expected,lower,upper,score,level,state,event`. The time stamp is
/// Unix seconds where the series has those, else RFC 3339; what is not known is empty; `state` is
/// `warming`, `normal` or `anomalous`; `event` is 1 where an event opens, else 0.
struct BacktestScores: ~Copyable {
  private var file: FileWriter
  private let writesEpoch: Bool

  /// Creates the file, or empties it.
  /// - Parameter writesEpoch: whether time stamps are Unix seconds.
  init(path: String, writesEpoch: Bool) throws(CommandFailure) {
    var file = try FileWriter(path: path)
    try file.append("timestamp,value,expected,lower,upper,score,level,state,event\n".utf8)
    self.file = file
    self.writesEpoch = writesEpoch
  }

  /// Adds the line of one sample.
  mutating func add(_ sample: Sample, _ verdict: Verdict) throws(CommandFailure) {
    var line = writesEpoch ? BacktestScores.epoch(sample.timestamp) : sample.timestamp.iso8601
    line += BacktestScores.cell(sample.value)
    line += BacktestScores.cell(verdict.expected)
    line += BacktestScores.cell(verdict.lower)
    line += BacktestScores.cell(verdict.upper)
    line += BacktestScores.cell(verdict.score)
    line += BacktestScores.cell(verdict.level)
    line += ",\(verdict.state.name),\(verdict.opensEvent ? 1 : 0)\n"
    try file.append(line.utf8)
  }

  /// Writes what is left and closes the file.
  consuming func finish() throws(CommandFailure) {
    try file.finish()
  }

  /// Unix seconds, with a fraction only where there is one.
  private static func epoch(_ moment: Timestamp) -> String {
    let (seconds, rest) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest == 0 ? "\(seconds)" : "\(moment.seconds)"
  }

  private static func cell<Number: BinaryFloatingPoint & CustomStringConvertible>(
    _ number: Number
  ) -> String {
    number.isFinite ? ",\(number)" : ","
  }
}
