import Series

/// The position and the format of a row's time stamp.
struct CSVTimePlace: Equatable {
  var index: Int
  /// The column of the time of day, if the one at ``index`` holds only the date.
  var timeOfDayIndex: Int?
  var format: CSVTimestampFormat
}

/// The position and format of time stamps.
extension CSVDetection {
  func timePlace(
    names: [String], data: [Int], width: Int
  ) throws(CSVLayoutError) -> CSVTimePlace? {
    let columns = CSVColumnChoice(names: names, width: width)
    switch table.timestampColumn {
    case .none: return nil
    case .automatic: return try likelyTime(columns, data)
    case .column(let column):
      let index = try columns.index(of: column)
      guard table.timestampFormat == .automatic else {
        return joined(index, table.timestampFormat, columns, data)
      }
      if let found = try dated(index, columns, data, isNamed: true) { return found }
      guard let row = data.first else { return CSVTimePlace(index: index, format: .iso8601) }
      if let format = try counted(
        index, columns, data, unit: CSVTimeName(columns.label(index))?.unit)
      {
        return CSVTimePlace(index: index, format: format)
      }
      throw .unknownTimestamp(column: columns.title(index), found: excerpt(row, index))
    }
  }

  /// The column with a usual name, or the first one with dates or plausible epoch times.
  private func likelyTime(
    _ columns: CSVColumnChoice, _ data: [Int]
  ) throws(CSVLayoutError) -> CSVTimePlace? {
    let looked = 0..<min(columns.width, CSVLimits.columns)
    let named = looked.filter { CSVTimeName(columns.label($0))?.isCertain == true }
    if table.timestampFormat != .automatic {
      let given = table.timestampFormat
      let fits = { (index: Int) in
        !data.isEmpty
          && data.count { look($0, index) { given.parse($0, $1) != nil } } * 2 > data.count
      }
      let index = named.first(where: fits) ?? named.first ?? looked.first(where: fits)
      return index.flatMap { joined($0, given, columns, data) }
    }
    guard let row = data.first else {
      return named.first.map { CSVTimePlace(index: $0, format: .iso8601) }
    }
    for index in named {
      if let found = try dated(index, columns, data, isNamed: true) { return found }
    }
    for index in named where isCount(index, data) {
      let unit = CSVTimeName(columns.label(index))?.unit
      if let format = try counted(index, columns, data, unit: unit) {
        return CSVTimePlace(index: index, format: format)
      }
    }
    if let index = named.first(where: { isMostly(data, $0, isNumber: false) }) {
      throw .unknownTimestamp(column: columns.title(index), found: excerpt(row, index))
    }
    for index in looked {
      if let found = try dated(index, columns, data, isNamed: false) { return found }
      if let unit = epochUnit(index, data, isNamed: false) {
        return CSVTimePlace(index: index, format: .epoch(unit))
      }
    }
    return try steadyTime(columns, data)
  }

  /// The first column if its name suggests time, and it counts in steady steps.
  private func steadyTime(
    _ columns: CSVColumnChoice, _ data: [Int]
  ) throws(CSVLayoutError) -> CSVTimePlace? {
    guard let name = CSVTimeName(columns.label(0)), !name.isCertain else { return nil }
    let numbers = numbers(0, data)
    guard numbers.count == data.count else { return nil }
    guard numbers.count >= 3 else {
      if mayWait { throw .undecidedTimestamp(column: columns.title(0)) }
      return nil
    }
    let steps = zip(numbers, numbers.dropFirst()).map { $1 - $0 }.sorted()
    guard steps[0] > 0, steps[steps.count - 1] <= 3 * steps[steps.count / 2] else { return nil }
    return try counted(0, columns, data, unit: name.unit).map {
      CSVTimePlace(index: 0, format: $0)
    }
  }

  // MARK: Dates

  /// The place of dates, nil if a column holds none.
  /// - Throws: ``CSVLayoutError/ambiguousDate(column:found:)`` if day and month cannot be
  ///   distinguished.
  private func dated(
    _ index: Int, _ columns: CSVColumnChoice, _ data: [Int], isNamed: Bool
  ) throws(CSVLayoutError) -> CSVTimePlace? {
    guard !data.isEmpty else { return nil }
    func counts(_ format: CSVTimestampFormat) -> Int {
      data.count { row in
        look(row, index) { bytes, cell in
          format.parse(bytes, cell) != nil
            && (isNamed || format == .iso8601 || CSVDetection.hasLongYear(bytes, cell))
        }
      }
    }
    let isoRows = counts(.iso8601)
    if isoRows > 0, isoRows * 2 >= data.count { return joined(index, .iso8601, columns, data) }
    let (days, months) = (counts(.dayFirst), counts(.monthFirst))
    if max(days, months) > 0, max(days, months) * 2 >= data.count {
      if let format = order(index, data, days, months) {
        return joined(index, format, columns, data)
      }
      throw .ambiguousDate(column: columns.title(index), found: excerpt(data[0], index))
    }
    if let pattern = CSVDetection.digitsOnly, counts(pattern) * 2 > data.count {
      return CSVTimePlace(index: index, format: pattern)
    }
    return nil
  }

  /// Whether day or month comes first: the order in which more dates exist, in which they do not
  /// run backwards, or that is customary with dots between them; nil if none of this decides it.
  private func order(
    _ index: Int, _ data: [Int], _ days: Int, _ months: Int
  ) -> CSVTimestampFormat? {
    if days != months { return days > months ? .dayFirst : .monthFirst }
    if data.contains(where: {
      look($0, index) { bytes, cell in cell.contains { bytes[$0] == 0x2E } }
    }) {
      return .dayFirst
    }
    func isInOrder(_ format: CSVTimestampFormat) -> Bool {
      var clock = CSVClock(table.timeZone, isRecorded: true)
      let moments = data.compactMap { row in
        look(row, index) { format.parse($0, $1) }
          .flatMap { clock.moment($0, after: nil, at: Timestamp(nanoseconds: 0)) }
      }
      return zip(moments, moments.dropFirst()).allSatisfy { $0 <= $1 }
    }
    let (isDayFirst, isMonthFirst) = (isInOrder(.dayFirst), isInOrder(.monthFirst))
    if isDayFirst == isMonthFirst { return nil }
    return isDayFirst ? .dayFirst : .monthFirst
  }

  /// A date and the time of day in another column, if the date's cells have none and there is one.
  private func joined(
    _ index: Int, _ format: CSVTimestampFormat, _ columns: CSVColumnChoice, _ data: [Int]
  ) -> CSVTimePlace {
    var place = CSVTimePlace(index: index, format: format)
    guard let order = format.dateOrder, !data.isEmpty else { return place }
    let isDateOnly = data.count { row in
      look(row, index) { bytes, cell in
        var scanner = CSVScanner(CSVTokens.trimming(bytes, cell))
        return scanner.date(bytes, order) != nil && scanner.isAtEnd
      }
    }
    guard isDateOnly * 2 > data.count else { return place }
    let others = [index + 1] + (0..<min(columns.width, CSVLimits.columns))
    place.timeOfDayIndex = others.first { other in
      other != index && other < min(columns.width, CSVLimits.columns)
        && data.count { look($0, other, CSVDetection.isTimeOfDay) } * 2 > data.count
    }
    return place
  }

  /// Whether a cell is a time of day and nothing else.
  static func isTimeOfDay(_ bytes: Span<UInt8>, _ cell: Range<Int>) -> Bool {
    var scanner = CSVScanner(CSVTokens.trimming(bytes, cell))
    var civil = CivilTime(year: 1970, month: 1, day: 1)
    var east: Int?
    return scanner.timeOfDay(bytes, &civil, &east) && Timestamp(civil) != nil
  }

  /// Whether the year of a date that ends with it has four digits: `1.2.10` may be a version.
  private static func hasLongYear(_ bytes: Span<UInt8>, _ cell: Range<Int>) -> Bool {
    var run = 0
    for index in CSVTokens.trimming(bytes, cell) {
      run = bytes[index] &- 0x30 < 10 ? run + 1 : 0
      if run == 4 { return true }
    }
    return false
  }

  /// Whether a cell is a date in the configured format, or in any known one.
  func isDate(_ record: Int, _ column: Int) -> Bool {
    look(record, column) { bytes, cell in
      switch table.timestampFormat {
      case .automatic, .epoch, .relative:
        CSVTimestampFormat.iso8601.parse(bytes, cell) != nil
          || (CSVDetection.hasLongYear(bytes, cell)
            && (CSVTimestampFormat.dayFirst.parse(bytes, cell) != nil
              || CSVTimestampFormat.monthFirst.parse(bytes, cell) != nil))
      default: table.timestampFormat.parse(bytes, cell) != nil
      }
    }
  }

  /// `20140214142700`: as a count, in no unit a plausible time.
  private static let digitsOnly: CSVTimestampFormat? =
    (try? CSVTimestampPattern(parsing: "%Y%m%d%H%M%S")).map { .pattern($0) }

  // MARK: Counts

  private func numbers(_ index: Int, _ data: [Int]) -> [Double] {
    data.compactMap { if case .value(let number) = number($0, index) { number } else { nil } }
  }

  private func isMostly(_ data: [Int], _ index: Int, isNumber: Bool) -> Bool {
    let count = numbers(index, data).count
    return isNumber ? count > 0 && count * 2 >= data.count : count * 2 < data.count
  }

  /// Whether a column named like a time can count it: its numbers are a time since 1970, or few of
  /// them run backwards. A `time` that often does is a duration.
  private func isCount(_ index: Int, _ data: [Int]) -> Bool {
    guard isMostly(data, index, isNumber: true) else { return false }
    if epochUnit(index, data, isNamed: true) != nil || table.timeOrder == .asRecorded {
      return true
    }
    let numbers = numbers(index, data)
    let forward = zip(numbers, numbers.dropFirst()).count { $0 <= $1 }
    return numbers.count < 3
      || (forward * 3 >= (numbers.count - 1) * 2 && numbers[0] < numbers[numbers.count - 1])
  }

  /// The unit of a time since 1970, by its size: of most numbers if the column is known to contain
  /// time, otherwise of all of them, which also must not decrease. Counters of bytes and cycles
  /// look like micro- and nanoseconds, so these are expected in the first column.
  private func epochUnit(_ index: Int, _ data: [Int], isNamed: Bool) -> CSVTimeUnit? {
    guard isMostly(data, index, isNumber: true) else { return nil }
    let numbers = numbers(index, data)
    guard let unit = CSVTimeUnit.ofEpoch(numbers.sorted()[numbers.count / 2]) else { return nil }
    let isSafe =
      (index == 0 || unit == .seconds || unit == .milliseconds)
      && numbers.allSatisfy { CSVTimeUnit.ofEpoch($0) == unit }
      && zip(numbers, numbers.dropFirst()).allSatisfy { $0 <= $1 }
    return isNamed || isSafe ? unit : nil
  }

  /// The unit in which a column that is known to contain time counts it; nil if it contains no
  /// numbers.
  /// - Parameter unit: the unit in the column's name.
  /// - Throws: ``CSVLayoutError/unknownEpoch(column:found:)`` if no unit is plausible.
  private func counted(
    _ index: Int, _ columns: CSVColumnChoice, _ data: [Int], unit: CSVTimeUnit?
  ) throws(CSVLayoutError) -> CSVTimestampFormat? {
    guard isMostly(data, index, isNumber: true) else { return nil }
    if let unit = epochUnit(index, data, isNamed: true) { return .epoch(unit) }
    let numbers = numbers(index, data)
    // As seconds such numbers are more than a century: they count something smaller.
    if unit == nil, abs(numbers.sorted()[numbers.count / 2]) >= 4.1e9 {
      throw .unknownEpoch(column: columns.title(index), found: excerpt(data[0], index))
    }
    return .relative(unit ?? .seconds)
  }
}
