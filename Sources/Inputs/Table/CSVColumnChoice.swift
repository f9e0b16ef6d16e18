/// The columns of a table as a header names them, for a choice among them.
struct CSVColumnChoice {
  /// Their names in the header; empty without a header.
  let names: [String]
  /// How many there are.
  let width: Int

  /// A column's name in the header, empty if it has none.
  func label(_ index: Int) -> String { index < names.count ? names[index] : "" }

  /// A column in a message.
  func title(_ index: Int) -> String {
    label(index).isEmpty ? "number \(index + 1)" : "'\(label(index))'"
  }

  /// The index of a column as the user specifies it.
  func index(of column: CSVColumn) throws(CSVLayoutError) -> Int {
    switch column {
    case .position(let position):
      guard (1...min(width, CSVLimits.columns)).contains(position) else {
        throw .noSuchPosition(position, width: width)
      }
      return position - 1
    case .named(let name):
      guard
        let found = names.firstIndex(of: name)
          ?? names.firstIndex(where: { $0.lowercased() == name.lowercased() })
      else { throw .noSuchColumn(name, found: names) }
      return found
    }
  }

  /// The column of ids, followed by that of threads if there is one.
  func places(
    of events: TraceColumns, isTaken: (Int) -> Bool
  ) throws(CSVLayoutError) -> [Int] {
    var thread: Int?
    if let column = events.thread { thread = try index(of: column) }
    var event: Int?
    if let column = events.event {
      event = try index(of: column)
    } else {
      event = (0..<min(width, CSVLimits.columns)).first { !isTaken($0) && $0 != thread }
    }
    guard let event, !isTaken(event), event != thread else { throw .noEvents }
    return [event] + (thread.map { [$0] } ?? [])
  }

  static func isSame(_ label: String, _ wanted: String) -> Bool {
    label == wanted || label.lowercased() == wanted.lowercased()
  }
}
