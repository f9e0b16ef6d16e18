import Series

/// How the rows of one file are read, as detected or as restored from a stored position.
struct CSVLayout: Equatable {
  /// A column that is delivered.
  struct Column: Equatable {
    /// Its index in the row, from 0.
    var index: Int
    /// What the header calls it, for notices.
    var label: String
    /// Its metric.
    var name: MetricName
  }

  /// The byte that separates cells.
  var delimiter: UInt8
  /// The number of cells in each row.
  var width: Int
  /// Whether the file has a header line.
  var hasHeader: Bool
  /// Index of the time stamp, from 0; nil if rows carry none.
  var timestampIndex: Int?
  /// What the header calls the time stamp, empty without a header.
  var timestampLabel: String
  /// How the time stamp is written, never `automatic`.
  var timestampFormat: CSVTimestampFormat
  /// The delivered columns.
  var columns: [Column]

  /// Metric names for columns: unique, and valid whatever the header holds.
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

  /// Whether a record that is no row is a header line: it repeats the name of the time stamp (or
  /// of any column if there is no time stamp) and holds no number.
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

  /// A one-line summary for the user.
  /// - Parameter isOfEvents: whether the columns hold ids and threads instead of values.
  func summary(isOfEvents: Bool) -> String {
    let separator =
      switch delimiter {
      case 0x09: "tabs"
      case 0x20: "spaces"
      default: "'\(Unicode.Scalar(delimiter))'"
      }
    let names = columns.prefix(8).map(\.name.text).joined(separator: ", ")
    let more = columns.count > 8 ? " and \(columns.count - 8) more" : ""
    let time =
      switch timestampIndex {
      case nil: "no time stamps, the moment of reading counts"
      case let index?:
        "time stamps in column \(index + 1)"
          + (timestampLabel.isEmpty ? "" : " '\(timestampLabel)'") + " as \(timestampFormat)"
      }
    guard isOfEvents else { return "cells between \(separator), \(time), metrics \(names)\(more)" }
    let places = columns.map { "column \($0.index + 1) '\($0.label)'" }
    let threads = places.count > 1 ? ", threads in \(places[1])" : ", all of one thread"
    return "cells between \(separator), \(time), events in \(places[0])\(threads)"
  }
}

/// Why the first lines of a file cannot be read as configured.
public enum CSVLayoutError: Error, Equatable, CustomStringConvertible {
  /// There are no lines to examine.
  case empty
  /// A column is requested by a name that none of the first lines contains.
  case noSuchColumn(String, found: [String])
  /// A column is requested by a position that the rows do not have.
  case noSuchPosition(Int, width: Int)
  /// A column is requested by name in a file configured to have no header.
  case nameWithoutHeader(String)
  /// The time stamps are neither ISO 8601 nor epoch time.
  case unknownTimestamp(column: String, found: String)
  /// There is only a time stamp.
  case noValues
  /// The column of events is also that of time stamps or threads, or no column is left for it.
  case noEvents

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .empty: "expected lines of text, found none"
    case .noSuchColumn(let name, let found):
      "expected a column '\(name)', found "
        + (found.isEmpty ? "none" : found.map { "'\($0)'" }.joined(separator: ", "))
    case .noSuchPosition(let position, let width):
      "expected a column number \(position), found rows of \(width) cells"
    case .nameWithoutHeader(let name):
      "column '\(name)' is requested, but the file is configured to have no header"
    case .unknownTimestamp(let column, let found):
      "expected a time stamp in ISO 8601 or epoch time in column \(column), found '\(found)'; "
        + "a pattern can be configured"
    case .noEvents:
      "expected a column of events beside those of time stamps and threads, found none"
    case .noValues: "expected a column of numbers beside the time stamp, found none"
    }
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
