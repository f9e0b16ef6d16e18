import CommandLine
import Models
import Series

/// The selected rows of each recording.
struct RowRange: Sendable {
  /// The options.
  static let options: [Option] = [
    .value(
      "from", "TIME",
      help: "Only rows at or after this time, such as 2014-02-14 or "
        + "2014-02-14T08:00"),
    .value("until", "TIME", help: "Only rows up to this time"),
    .value("first", "ROWS", help: "Only the first ROWS rows of each file"),
    .value("skip", "ROWS", help: "Skip the first ROWS rows of each file"),
  ]

  private let from: Timestamp?
  private let until: Timestamp?
  private let first: Int?
  private let skipped: Int?

  /// Parses the options.
  init(_ arguments: Arguments) throws(UsageError) {
    func time(_ option: String) throws(UsageError) -> Timestamp? {
      guard let text = arguments.value(option) else { return nil }
      guard let moment = WrittenTime.parse(text) else {
        throw .invalidValue(
          of: "--\(option)", value: text,
          expected: "a time such as 2014-02-14, 2014-02-14T08:00 or Unix seconds", suggestion: nil)
      }
      return moment
    }
    from = try time("from")
    until = try time("until")
    first = try arguments.integer("first", in: 1 ... .max)
    skipped = try arguments.integer("skip", in: 0 ... .max)
  }

  /// The rows of a table.
  func rows(of table: RecordedTable) -> Range<Int> {
    var range = 0..<table.count
    if let from {
      let start = table.timestamps.firstIndex { $0 >= from } ?? table.count
      range = max(range.lowerBound, start)..<max(start, range.upperBound)
    }
    if let until {
      let end = (table.timestamps.lastIndex { $0 <= until } ?? -1) + 1
      range = min(range.lowerBound, end)..<min(end, range.upperBound)
    }
    if let skipped {
      range = min(range.lowerBound + skipped, range.upperBound)..<range.upperBound
    }
    if let first { range = range.lowerBound..<min(range.lowerBound + first, range.upperBound) }
    return range
  }
}

extension RowRange {
  /// The selected trace events; row numbers are counted per thread.
  func kept(of trace: RecordedTrace) -> RecordedTrace {
    let first = from ?? Timestamp(nanoseconds: .min)
    let lower = skipped ?? 0
    let (upper, overflows) = lower.addingReportingOverflow(self.first ?? .max)
    return trace.kept(
      first...max(first, until ?? Timestamp(nanoseconds: .max)), lower..<(overflows ? .max : upper))
  }
}

/// A time as people write it in labels and options.
enum WrittenTime {
  /// A date, a date and time, both UTC, or Unix seconds; nil for anything else.
  static func parse(_ text: some StringProtocol) -> Timestamp? {
    if let moment = exact(text) { return moment }
    if let seconds = Double(text), seconds.isFinite { return Timestamp(seconds: seconds) }
    return SinceTime.date(String(text))
  }

  /// Unix seconds to the nanosecond, which a floating-point number cannot represent; nil for
  /// another format.
  private static func exact(_ text: some StringProtocol) -> Timestamp? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...9).contains(parts[1].count), parts[0].count <= 10,
      let seconds = Int64(parts[0]), seconds >= 0, let digits = Int64(parts[1]), digits >= 0
    else { return nil }
    let scale = (parts[1].count..<9).reduce(Int64(1)) { product, _ in product * 10 }
    return Timestamp(nanoseconds: seconds * 1_000_000_000 + digits * scale)
  }
}
