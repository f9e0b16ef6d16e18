import Calendar
import CommandLine
import Config
import Inputs

/// How the tables of a command line are read: options shared by all commands with recordings.
struct TableOptions: Sendable {
  /// The options.
  static let options: [Option] = [
    .repeated(
      "column",
      "COLUMN",
      help: "A column by name or by position from 1 (default: all numeric ones)"
    ),
    .value("timestamp", "COLUMN", help: "The column of time stamps, or 'none'"),
    .value(
      "timestamp-format",
      "FORMAT",
      help: "As TimestampFormat= in anomalyd.conf(5), such as dmy, epoch-us or '%d/%m/%Y %H:%M'"
    ),
    .value(
      "time-zone",
      "ZONE",
      help: "Time zone of time stamps that have none, such as local or Europe/Berlin (default UTC)"
    ),
    .value(
      "delimiter",
      "CHARACTER",
      help: "comma, semicolon, tab, pipe, space or a character"
    ),
  ]

  /// The requested columns; empty for all.
  let columns: [CSVColumn]
  private let timestampColumn: TableSection.TimestampColumn
  private let timestampFormat: CSVTimestampFormat
  private let timeZone: TimeZoneRules
  private let delimiter: UInt8?

  /// Parses the options.
  init(_ arguments: Arguments) throws(UsageError) {
    columns = arguments.values("column").map(CSVColumn.init(parsing:))
    timestampColumn =
      switch arguments.value("timestamp") {
      case nil: .automatic
      case "none": .none
      case let column?: .column(CSVColumn(parsing: column))
      }
    let format = arguments.value("timestamp-format") ?? "auto"
    do {
      timestampFormat = try CSVTimestampFormat(parsing: format)
    } catch {
      throw UsageError.conflict("--timestamp-format: \(error)")
    }
    let zone = arguments.value("time-zone") ?? "UTC"
    guard let rules = ZoneFiles.rules(of: zone, environment: Console.environment) else {
      throw UsageError.invalidValue(
        of: "--time-zone", value: zone,
        expected: "UTC, local, or a zone below /usr/share/zoneinfo such as Europe/Berlin",
        suggestion: nil)
    }
    timeZone = rules
    let separator = arguments.value("delimiter") ?? "auto"
    guard let parsed = TableOptions.delimiter(separator) else {
      throw UsageError.invalidValue(
        of: "--delimiter", value: separator,
        expected: "auto, comma, semicolon, tab, pipe, space or a character", suggestion: nil)
    }
    delimiter = parsed
  }

  /// How files are read.
  var table: TableSection {
    var result = TableSection()
    result.timestampColumn = timestampColumn
    result.timestampFormat = timestampFormat
    result.timeZone = timeZone
    result.values = columns.isEmpty ? .all : .chosen(columns)
    result.delimiter = delimiter
    return result
  }

  /// The byte that a word stands for, `auto` for none; nil for anything else.
  private static func delimiter(_ text: String) -> UInt8?? {
    switch text {
    case "auto": .some(nil)
    case "comma", ",": 0x2C
    case "semicolon", ";": 0x3B
    case "tab", "\t", "\\t": 0x09
    case "pipe", "|": 0x7C
    case "space", " ": 0x20
    default: nil
    }
  }
}
