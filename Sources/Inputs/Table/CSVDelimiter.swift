/// What separates the cells of a file, judged by its first lines.
enum CSVDelimiter {
  /// Those that are looked for, in the order in which they win a tie: spaces also occur within
  /// dates, and commas within numbers.
  private static let candidates: [UInt8] = [0x09, 0x3B, 0x7C, 0x2C, 0x20]

  /// The one that yields the most cells that can be read, as numbers and dates, in lines of equal
  /// width; on a tie the one with which more lines are equally wide.
  static func likeliest(_ sample: CSVSample) -> UInt8 {
    var best: (delimiter: UInt8, score: Double, agreeing: Int) = (0x2C, 0, 0)
    for candidate in candidates {
      let records = sample.records(delimiter: candidate)
      let width = CSVSample.commonWidth(records)
      guard width >= 2 else { continue }
      let agreeing = records.compactMap(\.cells).filter { $0.count == width }
      let score = agreeing.reduce(0.0) { sum, cells in
        let readable = cells.count { isReadable(sample.bytes.span, $0, candidate) }
        return sum + Double(readable) / Double(width)
      }
      let isTie = abs(score - best.score) < 1e-9
      if isTie ? agreeing.count > best.agreeing : score > best.score {
        best = (candidate, score, agreeing.count)
      }
    }
    return best.delimiter
  }

  private static func isReadable(
    _ bytes: Span<UInt8>, _ cell: Range<Int>, _ delimiter: UInt8
  ) -> Bool {
    if case .value = CSVNumber(bytes, cell, decimalComma: delimiter != 0x2C) { return true }
    let dates: [CSVTimestampFormat] = [.iso8601, .dayFirst, .monthFirst]
    return dates.contains { $0.parse(bytes, cell) != nil }
      || CSVDetection.isTimeOfDay(bytes, cell) || CellUnit.find(bytes, cell) != nil
  }
}
