import Series

/// Prepared rows in a sequence, in standard units, as input for networks.
package struct RowTape: Sendable {
  /// Number of columns.
  package let columns: Int
  /// Number of clock features.
  package let clockCount: Int
  /// Number of directions beside the principal components.
  package let residualCount: Int
  /// `[rows][columns]`: values; NaN for a gap.
  package private(set) var values: [Float] = []
  /// `[rows][columns]`: values; the last known one in a gap, 0 before the first.
  package private(set) var filled: [Float] = []
  /// `[rows][clockCount]`.
  package private(set) var clock: [Float] = []
  /// `[rows][residualCount]`: coordinates along the directions beside the principal components, in
  /// standard deviations; NaN if unknown.
  package private(set) var residuals: [Float] = []
  /// Whether a row begins a stretch: it does not continue the row before.
  package private(set) var begins: [Bool] = []
  /// Whether a row counts; the others only lead up to those that do.
  package private(set) var counts: [Bool] = []
  /// 1 for an anomalous row, 0 for a normal one; NaN if unknown.
  package private(set) var labels: [Float] = []

  /// Number of rows.
  package var count: Int { begins.count }

  /// A tape without rows.
  package init(columns: Int, clockCount: Int, residualCount: Int = 0) {
    self.columns = columns
    self.clockCount = clockCount
    self.residualCount = residualCount
  }

  /// Removes all rows.
  package mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    filled.removeAll(keepingCapacity: true)
    clock.removeAll(keepingCapacity: true)
    residuals.removeAll(keepingCapacity: true)
    begins.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
  }

  /// Adds a table's row as prepared by `preparer`.
  fileprivate mutating func append(
    _ row: [Float], filled last: [Float], residuals rest: [Float], at moment: Timestamp,
    clock features: ClockFeatures, begins isFirst: Bool, counts doesCount: Bool, label: Float
  ) {
    values += row
    filled += last
    residuals += rest
    features.append(moment, to: &clock)
    begins.append(isFirst)
    counts.append(doesCount)
    labels.append(label)
  }

  /// Adds rows of usual values, the first of which may begin a stretch.
  mutating func append(zeros rows: Int, begins isFirst: Bool) {
    values += repeatElement(0, count: rows * columns)
    filled += repeatElement(0, count: rows * columns)
    clock += repeatElement(0, count: rows * clockCount)
    residuals += repeatElement(0, count: rows * residualCount)
    for row in 0..<rows {
      begins.append(isFirst && row == 0)
      counts.append(true)
      labels.append(.nan)
    }
  }

  /// Adds rows of another tape.
  package mutating func append(_ other: RowTape, rows: Range<Int>, counts doesCount: Bool) {
    for row in rows {
      values += other.values[(row * columns)..<((row + 1) * columns)]
      filled += other.filled[(row * columns)..<((row + 1) * columns)]
      clock += other.clock[(row * clockCount)..<((row + 1) * clockCount)]
      residuals += other.residuals[(row * residualCount)..<((row + 1) * residualCount)]
      begins.append(row == rows.lowerBound || other.begins[row])
      counts.append(doesCount)
      labels.append(other.labels[row])
    }
  }

  /// Adds all rows of a tape that continues this one, without its clock and its residuals if this one
  /// has none.
  mutating func append(continuing other: RowTape) {
    values += other.values
    filled += other.filled
    if clockCount > 0 { clock += other.clock }
    if residualCount > 0 { residuals += other.residuals }
    begins += other.begins
    counts += other.counts
    labels += other.labels
  }

  /// Some of its rows, the first of which begins a stretch only if it does here.
  func rows(_ range: Range<Int>) -> RowTape {
    var part = RowTape(columns: columns, clockCount: clockCount, residualCount: residualCount)
    part.append(self, rows: range, counts: true)
    if let first = range.first { part.begins[0] = begins[first] }
    return part
  }

  /// Removes all but the last `kept` rows.
  mutating func keepLast(_ kept: Int) {
    let surplus = count - kept
    guard surplus > 0 else { return }
    values.removeFirst(surplus * columns)
    filled.removeFirst(surplus * columns)
    clock.removeFirst(surplus * clockCount)
    residuals.removeFirst(surplus * residualCount)
    begins.removeFirst(surplus)
    counts.removeFirst(surplus)
    labels.removeFirst(surplus)
  }

  /// Reads or writes the rows that a reader keeps, as far as it reads them again.
  mutating func code(
    _ coder: inout some StateCoder, atMost rows: Int
  ) throws(StateDecodingError) {
    var stored = count
    try coder.code(&stored, in: 0...rows, "rows of a model")
    if stored != count { setCount(stored) }
    try coder.code(&values)
    try coder.code(&filled)
    try coder.code(&clock)
    for row in begins.indices { try coder.code(&begins[row]) }
  }

  /// Allocates space for stored rows, which replace the present ones.
  private mutating func setCount(_ count: Int) {
    values = Array(repeating: .nan, count: count * columns)
    filled = Array(repeating: 0, count: count * columns)
    clock = Array(repeating: 0, count: count * clockCount)
    residuals = Array(repeating: 0, count: count * residualCount)
    begins = Array(repeating: false, count: count)
    counts = Array(repeating: true, count: count)
    labels = Array(repeating: .nan, count: count)
  }

  /// The starts of windows of `length` rows without a break that contain a row that counts.
  package func windows(of length: Int) -> [Int] {
    var starts: [Int] = []
    var stretch = 0
    var lastCounting = -1
    for row in 0..<count {
      if begins[row] { stretch = row }
      if counts[row] { lastCounting = row }
      let start = row + 1 - length
      if start >= stretch, lastCounting >= start { starts.append(start) }
    }
    return starts
  }
}

/// Turns rows of a table into rows of a tape, one after the other, as they would arrive.
package struct RowPreparer: Sendable {
  /// How gaps are treated.
  package enum Gaps: String, CaseIterable, Sendable {
    /// The last value is used instead.
    case fill
    /// Rows with a gap are left out.
    case skip
  }

  private let columns: [ModelColumn]
  private let clock: ClockFeatures
  private let interval: Int64
  private let gaps: Gaps
  private let components: PrincipalComponents?
  private var previous: [Double]
  private var last: [Float]
  private var row: [Float]
  /// The projected columns, their residuals, and the values used for both when nothing is known.
  private var projected: [Float] = []
  private var residuals: [Float] = []
  private var unknown: [Float] = []
  private var unknownResiduals: [Float] = []
  private var newest: Timestamp?

  /// A hole of more than this many sampling intervals ends a stretch.
  private static let longestHole: Int64 = 10

  /// - Parameters:
  ///   - interval: usual nanoseconds between two rows; 0 if unknown.
  ///   - components: the projection of the columns; nil for the columns themselves.
  package init(
    columns: [ModelColumn], clock: ClockFeatures, interval: Int64, gaps: Gaps,
    components: PrincipalComponents? = nil
  ) {
    self.components = components
    self.columns = columns
    self.clock = clock
    self.interval = interval
    self.gaps = gaps
    previous = columns.map { _ in .nan }
    last = columns.map { _ in 0 }
    row = last
  }

  /// Prepares a row of a table.
  /// - Parameters:
  ///   - places: the index of each of the model's columns in the table; nil if it has none.
  ///   - doesCount: whether the row counts.
  /// - Returns: false if the row is left out.
  @discardableResult
  package mutating func append(
    _ index: Int, of table: RecordedTable, places: [Int?], counts doesCount: Bool,
    to tape: inout RowTape
  ) -> Bool {
    let label = table.labels.map { $0[index] ? Float(1) : 0 } ?? .nan
    return append(
      at: table.timestamps[index], counts: doesCount, label: label, to: &tape
    ) { column in
      places[column].map { table[index, $0] } ?? .nan
    }
  }

  /// Prepares a row.
  /// - Parameters:
  ///   - doesCount: whether the row counts.
  ///   - label: 1 for an anomalous row, 0 for a normal one; NaN if unknown.
  ///   - value: the value of a column; NaN for a gap.
  /// - Returns: false if the row is left out.
  mutating func append(
    at moment: Timestamp, counts doesCount: Bool = true, label: Float = .nan,
    to tape: inout RowTape, _ value: (Int) -> Double
  ) -> Bool {
    let hole = newest.map { moment.nanoseconds(since: $0) }
    let begins = hole.map { interval > 0 && $0 > RowPreparer.longestHole * interval } ?? true
    if begins {
      for column in columns.indices {
        previous[column] = .nan
        last[column] = 0
      }
    }
    var isComplete = true
    for column in columns.indices {
      let value = value(column)
      let change = columns[column].transformed(value, after: previous[column])
      if value.isFinite { previous[column] = value }
      if change.isFinite {
        row[column] = columns[column].standard(change)
        last[column] = row[column]
      } else {
        row[column] = .nan
        isComplete = false
      }
    }
    if !isComplete, gaps == .skip { return false }
    newest = moment
    let isKnown = row.contains { $0.isFinite }
    guard let components else {
      tape.append(
        row, filled: last, residuals: [], at: moment, clock: clock, begins: begins,
        counts: doesCount, label: label)
      return true
    }
    components.project(last, into: &projected, residuals: &residuals)
    // Each component needs all columns: the last value fills a gap in one of them.
    if !isKnown, unknown.isEmpty {
      unknown = projected.map { _ in .nan }
      unknownResiduals = residuals.map { _ in .nan }
    }
    tape.append(
      isKnown ? projected : unknown, filled: projected,
      residuals: isKnown ? residuals : unknownResiduals, at: moment, clock: clock, begins: begins,
      counts: doesCount, label: label)
    return true
  }

  /// Reads or writes its memory of earlier rows.
  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let count = columns.count
    try coder.code(&previous, maximum: count)
    guard previous.count == count else {
      throw .outOfRange(
        field: "columns of a model", found: previous.count, expected: count...count)
    }
    try coder.code(&last)
    var moment = newest?.nanoseconds ?? .min
    try coder.code(nanoseconds: &moment)
    newest = moment == .min ? nil : Timestamp(nanoseconds: moment)
  }
}
