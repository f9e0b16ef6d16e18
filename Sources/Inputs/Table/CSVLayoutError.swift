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
  /// The time stamps are written in no known way.
  case unknownTimestamp(column: String, found: String)
  /// A date in which day and month cannot be told apart.
  case ambiguousDate(column: String, found: String)
  /// The time stamps are numbers that are no plausible time since 1970 in any unit.
  case unknownEpoch(column: String, found: String)
  /// More rows are needed to tell whether a column counts time.
  case undecidedTimestamp(column: String)
  /// There is only a time stamp, or no other column holds numbers.
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
