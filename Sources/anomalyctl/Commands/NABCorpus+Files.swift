import Evaluation
import Inputs
import Series

extension NABCorpus {
  /// Applies `body` to every file, several at once.
  /// - Throws: the failure of the first file that has one.
  func map<Value: Sendable>(
    _ console: Console, body: @escaping @Sendable (String) throws(CommandFailure) -> Value
  ) throws(CommandFailure) -> [Value] {
    let weights = files.map { LocalFile.size("\(folder)/data/\($0)") }
    let attempts = ParallelWork(console: console, unit: "files").map(files, weights: weights) {
      file, _ in Result { () throws(CommandFailure) in try body(file) }
    }
    var values: [Value] = []
    for attempt in attempts { values.append(try attempt.get()) }
    return values
  }

  /// One line per part and profile.
  /// - Parameters:
  ///   - values: one per file.
  ///   - name: the file of a value.
  ///   - line: makes the line from the name of the part, the values of its files, and a profile.
  func report<Value>(
    _ values: [Value], of name: (Value) -> String,
    line: (String, [Value], NABProfile) -> NABReport.Line
  ) -> [NABReport.Line] {
    parts.flatMap { part in
      let chosen = values.filter { part.files.contains(name($0)) }
      return chosen.isEmpty ? [] : profiles.map { line(part.name, chosen, $0) }
    }
  }

  /// A file's rows with its labels.
  func series(_ file: String, _ samples: [Sample]) throws(CommandFailure) -> NABSeries {
    do {
      return try NABSeries(
        name: file, timestamps: samples.map(\.timestamp), windows: windows[file] ?? [])
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  /// One column of a file in the benchmark's form: a header, time stamps in the first column.
  /// - Throws: ``CommandFailure`` when a row cannot be read, for rows are what labels refer to.
  static func column(_ name: String, of path: String) throws(CommandFailure) -> [Sample] {
    var table = TableSection()
    table.timestampColumn = .column(.position(1))
    table.values = .chosen([.named(name)])
    table.timeOrder = .asRecorded
    let recording: CSVRecording
    do {
      recording = try CSVFile.read(path: path, table: table)
    } catch {
      throw CommandFailure("\(error)")
    }
    guard recording.malformed == 0, let series = recording.series.first else {
      throw CommandFailure(recording.notices.first?.text ?? "\(path): no rows")
    }
    return series.samples
  }
}
