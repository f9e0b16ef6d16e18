import Evaluation
import Models
import Series

/// The source of a command line's labels.
enum LabelSource: Sendable {
  /// A column of each file; nil for one with a usual name, if there is one.
  case column(String?)
  /// Intervals in time, for all files, or for those whose path ends as the key does.
  case intervals([String: [ClosedRange<Timestamp>]])

  /// Parses the value of `--labels`: a file of intervals if it ends in `.csv` or `.json`, otherwise
  /// a column.
  init(_ text: String?) throws(CommandFailure) {
    guard let text else {
      self = .column(nil)
      return
    }
    if text.hasSuffix(".csv") {
      self = .intervals(try LabelSource.table(try LocalFile.read(text), from: text))
    } else if text.hasSuffix(".json") {
      self = .intervals(try LabelSource.windows(try LocalFile.read(text), from: text))
    } else {
      self = .column(text)
    }
  }

  /// The name of the column of labels.
  var column: String? {
    if case .column(let name) = self { return name }
    return nil
  }

  /// Whether each row is anomalous; nil if there are no labels for this file.
  /// - Parameter value: the cell value that marks an anomaly; nil for every number except 0.
  func labels(of file: RecordingFile, value: Double?) -> [Bool]? {
    switch self {
    case .column:
      return file.labels.map { cells in
        cells.map { cell in value.map { cell == $0 } ?? (cell.isFinite && cell != 0) }
      }
    case .intervals:
      guard let intervals = spans(of: file.table.name) else { return nil }
      return file.table.timestamps.map { moment in intervals.contains { $0.contains(moment) } }
    }
  }

  /// The intervals of a file; nil if there are none for it, not even an empty list.
  func spans(of path: String) -> [ClosedRange<Timestamp>]? {
    guard case .intervals(let known) = self else { return nil }
    let matching = known.filter {
      $0.key.isEmpty || path == $0.key || path.hasSuffix("/" + $0.key)
    }
    return matching.isEmpty ? nil : matching.flatMap(\.value)
  }

  /// The intervals whose third cell is this name.
  func spans(named name: String) -> [ClosedRange<Timestamp>] {
    guard case .intervals(let known) = self else { return [] }
    return known[name] ?? []
  }

  /// Lines such as `2014-02-14T08:00,2014-02-14T09:30`, with or without a header; a third cell
  /// names the file, or is empty for all files.
  static func table(
    _ bytes: [UInt8], from path: String
  ) throws(CommandFailure) -> [String: [ClosedRange<Timestamp>]] {
    var result: [String: [ClosedRange<Timestamp>]] = [:]
    let text = String(decoding: bytes, as: UTF8.self)
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated() where !line.allSatisfy(\.isWhitespace)
    {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map {
        $0.trimming(while: \.isWhitespace)
      }
      if index == 0, cells.first == "start" { continue }
      guard cells.count >= 2, let start = WrittenTime.parse(cells[0]),
        let end = WrittenTime.parse(cells[1]), start <= end
      else {
        throw CommandFailure(
          "\(path):\(index + 1): expected 'start,end', two times such as 2014-02-14T08:00, "
            + "the second not before the first, found '\(line)'")
      }
      result[cells.count > 2 ? String(cells[2]) : "", default: []].append(start...end)
    }
    return result
  }

  /// Windows in the format of the Numenta Anomaly Benchmark.
  private static func windows(
    _ bytes: [UInt8], from path: String
  ) throws(CommandFailure) -> [String: [ClosedRange<Timestamp>]] {
    try NABFiles.labels(bytes, from: path).mapValues { windows in
      windows.compactMap { $0.first <= $0.last ? $0.first...$0.last : nil }
    }
  }
}

extension Substring {
  fileprivate func trimming(while matches: (Character) -> Bool) -> Substring {
    var result = drop(while: matches)
    while let last = result.last, matches(last) { result.removeLast() }
    return result
  }
}
