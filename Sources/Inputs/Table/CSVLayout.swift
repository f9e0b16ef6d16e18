import Series

/// How the rows of one file are read, as detected or as restored from a stored position.
///
/// A class, since it is used for every row, and a copy of its fields would cost more than the row.
final class CSVLayout: Equatable {
  /// A column that is delivered.
  struct Column: Equatable {
    /// Its index in the row, from 0.
    var index: Int
    /// Its name in the header, for notices.
    var label: String
    /// Its metric; with a ``CSVLayout/keyIndex``, the name of every key's metric without the key.
    var name: MetricName
    /// The suffix of its numbers, such as `%`; empty for none.
    var unit: [UInt8] = []
  }

  /// The byte that separates cells.
  let delimiter: UInt8
  /// The number of cells in each row.
  let width: Int
  /// Whether the file has a header line.
  let hasHeader: Bool
  /// The line end: LF, optionally preceded by CR, or CR alone.
  let lineEnd: UInt8
  /// Index of the time stamp, from 0; nil if rows carry none.
  let timestampIndex: Int?
  /// Index of the time of day if it has a column of its own.
  let timeOfDayIndex: Int?
  /// The time stamp's name in the header, empty without a header.
  let timestampLabel: String
  /// The format of the time stamp, never `automatic`.
  let timestampFormat: CSVTimestampFormat
  /// Index of the column whose text distinguishes several series in one table; nil if there is only
  /// one.
  let keyIndex: Int?
  /// The delivered columns.
  let columns: [Column]

  /// Every field as described there.
  init(
    delimiter: UInt8, width: Int, hasHeader: Bool, lineEnd: UInt8, timestampIndex: Int?,
    timeOfDayIndex: Int?, timestampLabel: String, timestampFormat: CSVTimestampFormat,
    keyIndex: Int?, columns: [Column]
  ) {
    self.delimiter = delimiter
    self.width = width
    self.hasHeader = hasHeader
    self.lineEnd = lineEnd
    self.timestampIndex = timestampIndex
    self.timeOfDayIndex = timeOfDayIndex
    self.timestampLabel = timestampLabel
    self.timestampFormat = timestampFormat
    self.keyIndex = keyIndex
    self.columns = columns
  }

  static func == (one: CSVLayout, other: CSVLayout) -> Bool {
    one.delimiter == other.delimiter && one.width == other.width
      && one.hasHeader == other.hasHeader && one.lineEnd == other.lineEnd
      && one.timestampIndex == other.timestampIndex && one.timeOfDayIndex == other.timeOfDayIndex
      && one.timestampLabel == other.timestampLabel
      && one.timestampFormat == other.timestampFormat && one.keyIndex == other.keyIndex
      && one.columns == other.columns
  }

  /// Whether a comma may be a decimal point, because it does not separate cells.
  var hasDecimalComma: Bool { delimiter != 0x2C }

  /// The time of a row as written, nil if it is malformed; the row must have the right width, and
  /// the layout a time stamp in column `index`.
  @inline(__always)
  func time(_ bytes: Span<UInt8>, _ tokens: borrowing CSVTokens, at index: Int) -> CSVWrittenTime? {
    guard let timeOfDayIndex else { return timestampFormat.parse(bytes, tokens.range(index)) }
    return timestampFormat.parse(
      bytes, tokens.range(index), timeOfDay: tokens.range(timeOfDayIndex))
  }

  /// The names of the metrics of one key, in the order of ``columns``.
  func names(ofKey key: String, prefix: String) -> [MetricName] {
    let prefix = prefix.isEmpty ? key : prefix + "." + key
    return CSVLayout.names(for: columns.map { ($0.index, $0.label) }, prefix: prefix).map(\.name)
  }

  /// Metric names for columns: unique, and valid whatever the header contains.
  static func names(for labels: [(index: Int, label: String)], prefix: String) -> [Column] {
    var taken: Set<MetricName> = []
    return labels.map { index, label in
      let stem = label.isEmpty ? "column\(index + 1)" : label
      let full = prefix.isEmpty ? stem : prefix + "." + stem
      var name = MetricName(sanitizing: full)
      if taken.contains(name) {
        let suffix = "_\(index + 1)"
        var shortened = Substring(name.text)
        while shortened.utf8.count + suffix.utf8.count > MetricName.maximumLength {
          shortened.removeLast()
        }
        name = MetricName(sanitizing: shortened + suffix)
      }
      taken.insert(name)
      return Column(index: index, label: stem, name: name)
    }
  }

  /// Whether a record that is not a row is a header line: it repeats the name of the time stamp (or
  /// of any column if there is no time stamp) and contains no number.
  func isHeader(_ bytes: Span<UInt8>, _ tokens: CSVTokens) -> Bool {
    guard hasHeader else { return false }
    let known = timestampIndex == nil ? Set(columns.map(\.label)) : [timestampLabel]
    var repeatsAName = false
    for index in 0..<min(tokens.count, CSVLimits.columns) {
      if case .value = CSVNumber(bytes, tokens.range(index)) { return false }
      repeatsAName = repeatsAName || known.contains(CSVTokens.text(bytes, tokens.range(index)))
    }
    return repeatsAName
  }

  /// Whether time stamps count from an unknown start.
  var isRelative: Bool {
    if case .relative = timestampFormat { timestampIndex != nil } else { false }
  }

  /// A one-line summary for the user.
  /// - Parameter isOfEvents: whether the columns contain ids and threads instead of values.
  func summary(isOfEvents: Bool) -> String {
    let separator =
      switch delimiter {
      case 0x09: "tabs"
      case 0x20: "spaces"
      default: "'\(Unicode.Scalar(delimiter))'"
      }
    let names = columns.prefix(8).map { column in
      let unit = column.unit.isEmpty ? "" : " in " + Excerpt.text(column.unit)
      return column.name.text + unit
    }.joined(separator: ", ")
    let more = columns.count > 8 ? " and \(columns.count - 8) more" : ""
    let time =
      switch timestampIndex {
      case nil: "no time stamps, the moment of reading counts"
      case let index?:
        "time stamps in column \(index + 1)"
          + (timestampLabel.isEmpty ? "" : " '\(timestampLabel)'") + " as \(timestampFormat)"
          + (timeOfDayIndex.map { " and column \($0 + 1)" } ?? "")
          + (isRelative ? " (no date: the newest row counts as written when the file was)" : "")
      }
    let key = keyIndex.map { ", a set for each text in column \($0 + 1)" } ?? ""
    guard isOfEvents else {
      return "cells between \(separator), \(time), metrics \(names)\(more)\(key)"
    }
    let places = columns.map { "column \($0.index + 1) '\($0.label)'" }
    let threads = places.count > 1 ? ", threads in \(places[1])" : ", all of one thread"
    return "cells between \(separator), \(time), events in \(places[0])\(threads)"
  }
}

/// A column as the user specifies it.
public enum CSVColumn: Equatable, Sendable, CustomStringConvertible {
  /// The column with this header: an exact match first, otherwise ignoring case.
  case named(String)
  /// The column at this position, counted from 1.
  case position(Int)

  /// Reads `3` as a position and anything else as a name; `"3"` in quotes is a name.
  public init(parsing text: String) {
    if let position = Int(text), position >= 1 {
      self = .position(position)
    } else if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
      self = .named(String(text.dropFirst().dropLast()))
    } else {
      self = .named(text)
    }
  }

  /// As a user would write it.
  public var description: String {
    switch self {
    case .named(let name): "'\(name)'"
    case .position(let position): "number \(position)"
    }
  }
}

/// Why the first lines of a file cannot be read as configured.
public enum CSVLayoutError: Error, Equatable, CustomStringConvertible {
  /// There are no lines to examine.
  case empty
  /// The file is encoded in UTF-16.
  case isUTF16
  /// A column is requested by a name that none of the first lines contains.
  case noSuchColumn(String, found: [String])
  /// A column is requested by a position that the rows do not have.
  case noSuchPosition(Int, width: Int)
  /// A column is requested by name in a file configured to have no header.
  case nameWithoutHeader(String)
  /// The format of the time stamps is unknown.
  case unknownTimestamp(column: String, found: String)
  /// A date in which day and month cannot be distinguished.
  case ambiguousDate(column: String, found: String)
  /// The time stamps are numbers that are not a plausible time since 1970 in any unit.
  case unknownEpoch(column: String, found: String)
  /// More rows are needed to decide whether a column counts time.
  case undecidedTimestamp(column: String)
  /// There is only a time stamp, or no other column contains numbers.
  case noValues(found: String?)
  /// The column of events is also that of time stamps or threads, or no column is left for it.
  case noEvents

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .empty: "expected lines of text, found none"
    case .isUTF16:
      "expected text in UTF-8, found UTF-16; write the file as UTF-8 (iconv -f UTF-16 -t UTF-8)"
    case .noSuchColumn(let name, let found):
      "expected a column '\(name)', found "
        + (found.isEmpty ? "none" : found.map { "'\($0)'" }.joined(separator: ", "))
    case .noSuchPosition(let position, let width):
      "expected a column number \(position), found rows of \(width) cells"
    case .nameWithoutHeader(let name):
      "column '\(name)' is requested, but the file is configured to have no header"
    case .unknownTimestamp(let column, let found):
      "expected a time stamp in ISO 8601 or epoch time in column \(column), found '\(found)'; "
        + "TimestampFormat= (--timestamp-format) takes a pattern"
    case .ambiguousDate(let column, let found):
      "expected a date whose day and month can be told apart in column \(column), found "
        + "'\(found)'; set TimestampFormat= (--timestamp-format) to dmy or mdy"
    case .unknownEpoch(let column, let found):
      "expected a time since 1970 in s, ms, us or ns in column \(column), found '\(found)'; if it "
        + "counts from another moment, set TimestampFormat= (--timestamp-format) to relative, "
        + "relative-ms, relative-us or relative-ns"
    case .undecidedTimestamp(let column):
      "expected three rows that show whether column \(column) counts time, found fewer"
    case .noEvents:
      "expected a column of events beside those of time stamps and threads, found none"
    case .noValues(let found):
      "expected a column of numbers beside the time stamp, found "
        + (found.map { "text such as '\($0)'" } ?? "none")
    }
  }
}
