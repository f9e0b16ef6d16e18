import Series

/// Where the time stamps are, and how they are written.
extension CSVDetection {
  static let timestampNames: Set<String> = [
    "timestamp", "time", "datetime", "date", "ts", "date_time", "date time", "@timestamp",
    "time_stamp", "epoch", "unix", "unixtime", "unix_time", "utc",
  ]

  func timestampColumn(
    names: [String],
    data: [Int],
    width: Int
  ) throws(CSVLayoutError) -> (index: Int, format: CSVTimestampFormat)? {
    let index: Int
    switch table.timestampColumn {
    case .none: return nil
    case .column(.position(let position)):
      guard (1...min(width, CSVLimits.columns)).contains(position) else {
        throw .noSuchPosition(position, width: width)
      }
      index = position - 1
    case .column(.named(let name)):
      guard let found = CSVDetection.index(of: name, in: names) else {
        throw .noSuchColumn(name, found: names)
      }
      index = found
    case .automatic:
      return try likelyTimestamp(names: names, data: data, width: width)
    }
    guard table.timestampFormat == .automatic else {
      return (index, table.timestampFormat)
    }
    if let format = format(of: index, data: data, anyMagnitude: true) { return (index, format) }
    guard let row = data.first else { return (index, .iso8601) }
    throw unknownTimestamp(row, index, names)
  }

  func unknownTimestamp(_ row: Int, _ index: Int, _ names: [String]) -> CSVLayoutError {
    .unknownTimestamp(
      column: index < names.count ? "'\(names[index])'" : "number \(index + 1)",
      found: look(row, index) { CSVLine.shown($0, $1) }
    )
  }

  func likelyTimestamp(
    names: [String],
    data: [Int],
    width: Int
  ) throws(CSVLayoutError) -> (index: Int, format: CSVTimestampFormat)? {
    let looked = 0..<min(width, CSVLimits.columns)
    let named = looked.filter {
      $0 < names.count && CSVDetection.timestampNames.contains(names[$0].lowercased())
    }
    if table.timestampFormat != .automatic {
      let given = table.timestampFormat
      let fits = { (index: Int) in
        !data.isEmpty
          && data.count { look($0, index) { given.parse($0, $1) != nil } } * 2 > data.count
      }
      let index = named.first(where: fits) ?? named.first ?? looked.first(where: fits)
      return index.map { ($0, given) }
    }
    for index in named {
      if let format = format(of: index, data: data, anyMagnitude: true) { return (index, format) }
      if data.isEmpty { return (index, .iso8601) }
    }
    if let index = named.first, let row = data.first { throw unknownTimestamp(row, index, names) }
    for index in looked {
      if let format = format(of: index, data: data, anyMagnitude: false) { return (index, format) }
    }
    return nil
  }

  /// The format that most cells of a column match. Numbers count as epoch time only between 1979
  /// and 2099 and if they never decrease, unless the column is known to hold time.
  func format(of column: Int, data: [Int], anyMagnitude: Bool) -> CSVTimestampFormat? {
    var dates = 0
    var numbers: [Double] = []
    for row in data {
      if look(row, column, { CSVTimestampFormat.iso8601.parse($0, $1) != nil }) { dates += 1 }
      if case .value(let number) = number(row, column) { numbers.append(number) }
    }
    if dates > 0, dates * 2 >= data.count { return .iso8601 }
    guard numbers.count > 0, numbers.count * 2 >= data.count else { return nil }
    let middle = numbers.sorted()[numbers.count / 2]
    if anyMagnitude { return abs(middle) >= 1e11 ? .epochMilliseconds : .epochSeconds }
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 <= $1 }) else { return nil }
    if numbers.allSatisfy({ (3e8...4.1e9).contains($0) }) { return .epochSeconds }
    if numbers.allSatisfy({ (3e11...4.1e12).contains($0) }) { return .epochMilliseconds }
    return nil
  }
}
