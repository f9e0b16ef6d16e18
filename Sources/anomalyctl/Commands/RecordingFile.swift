import Inputs
import Models
import Series

/// A recording of a command line in memory, with its labels separate from what may be learnt from.
struct RecordingFile: Sendable {
  /// The values.
  var table: RecordedTable
  /// The cells of the column of labels by row; nil if the file has none.
  private(set) var labels: [Double]?
  /// Name of the column of labels.
  private(set) var labelColumn: String?
  /// Names of columns that were left out because they are related to labels.
  private(set) var leftOut: [String] = []
  /// Remarks, one line each.
  private(set) var notices: [String] = []

  /// Reads a file.
  /// - Parameters:
  ///   - label: name of the column of labels; nil for one with a usual name, if there is one.
  ///   - needed: names of columns to read whatever they are called.
  init(
    _ path: String, _ options: TableOptions, label: String?, needed: Set<String> = []
  ) throws(CommandFailure) {
    var section = options.table
    if !options.columns.isEmpty, let label {
      section.values = .chosen(options.columns + [.named(label)])
    }
    do throws(CSVFileError) {
      let reader = try CSVReader(path: path, table: section)
      var rows: [(Int, Int)] = []  // column of the reader, column of the table
      var labelPlace: Int?
      table = RecordedTable(name: path, columns: [])
      while try reader.next() {
        if table.count == 0 {
          var names: [String] = []
          for (place, column) in reader.columns.enumerated() {
            let isWanted = needed.contains(column.label)
            let isLabel = label.map { $0 == column.label } ?? LabelColumns.isLabel(column.label)
            if isLabel, labelPlace == nil, !isWanted || label != nil {
              labelPlace = place
              labelColumn = column.label
            } else if !isWanted, options.columns.isEmpty, LabelColumns.isRelated(column.label) {
              leftOut.append(column.label)
            } else {
              rows.append((place, names.count))
              names.append(column.label)
            }
          }
          table = RecordedTable(name: path, columns: names)
          if labelPlace != nil { labels = [] }
        }
        let row = table.count
        table.append(at: reader.timestamp)
        labels?.append(.nan)
        reader.forEachValue { column, value in
          if column == labelPlace {
            labels?[row] = value
          } else if let place = rows.first(where: { $0.0 == column }) {
            table[row, place.1] = value
          }
        }
      }
      notices = reader.drainNotices().filter { $0.severity == .warning }.map(\.text)
    } catch {
      throw CommandFailure("\(error)")
    }
    if let label, labelColumn == nil {
      throw CommandFailure("\(path): expected a label column '\(label)', found none")
    }
  }

  /// Keeps only the rows in `range`.
  mutating func keep(_ range: Range<Int>) {
    guard range != 0..<table.count else { return }
    table = table.rows(range)
    labels = labels.map { Array($0[range]) }
  }
}
