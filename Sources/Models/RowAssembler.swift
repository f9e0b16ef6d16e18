package import Series

/// Assembles rows from the samples of several metrics, which arrive one by one, at different
/// intervals, and sometimes late or not at all.
///
/// A row is due every ``interval``. Each metric contributes its nearest sample; a row is complete
/// with the sample of the last metric that is waited for, and is closed without the missing ones by
/// the first sample that belongs to the next row. A missing value is a gap.
package struct RowAssembler: Sendable {
  /// Rows without a sample of a metric after which rows no longer wait for it.
  package static let patience = 3

  /// The state of one column.
  package struct Column: Sendable {
    /// The newest value.
    var value = Double.nan
    /// Its time in nanoseconds.
    var time = Int64.min
    /// Whether it belongs to the row being assembled.
    var isNew = false
    /// Consecutive rows without it; saturates.
    package fileprivate(set) var missed = 0
    /// Usual nanoseconds between two samples; 0: unknown.
    var interval: Int64 = 0

    /// The time of its newest sample; nil before the first.
    package var newest: Timestamp? {
      time == .min ? nil : Timestamp(nanoseconds: time)
    }
  }

  /// Usual nanoseconds between two rows; 0 if unknown.
  package let interval: Int64
  /// In the order of the model.
  package private(set) var columns: [Column]
  /// The values of the last completed row; NaN for a gap.
  package private(set) var row: [Double]
  /// Samples that were dropped because their metric had a newer one.
  package private(set) var late = 0
  /// When the next row is due, in nanoseconds; for an open row, when it was due.
  private var due = Int64.min
  private var isOpen = false
  private var moment = Int64.min

  /// The columns of a row.
  package init(columns count: Int, interval: Int64) {
    self.interval = interval
    columns = Array(repeating: Column(), count: count)
    row = Array(repeating: .nan, count: count)
  }

  /// Whether a sample belongs to a later row than the open one, which has to be completed first.
  package func mustClose(before time: Timestamp, of column: Int) -> Bool {
    guard isOpen else { return false }
    let time = time.nanoseconds
    guard interval > 0 else { return columns[column].isNew && time > columns[column].time }
    return time &- due >= interval &- tolerance(of: column)
  }

  /// Takes a sample.
  /// - Parameter usual: usual interval of its metric; nil: unknown.
  /// - Returns: whether the row is complete.
  package mutating func put(_ sample: Sample, in column: Int, usual: Duration?) -> Bool {
    let time = sample.timestamp.nanoseconds
    guard time > columns[column].time else {
      late += 1
      return false
    }
    columns[column].interval = usual.map { Int64(max(0, min(9e18, $0 / .nanoseconds(1)))) } ?? 0
    if !isOpen { begin(at: time, by: column) }
    guard isOpen else {
      // Between two rows. A sample that the last row did not wait for belongs to the next one.
      if columns[column].missed > 0 {
        keep(sample, in: column)
      } else {
        columns[column].time = time
      }
      return false
    }
    // The row uses the sample nearest to its due time; further ones change nothing.
    guard !columns[column].isNew || moment == .min else { return false }
    keep(sample, in: column)
    moment = max(moment, time)
    return columns.indices.allSatisfy { columns[$0].isNew || !waits(for: $0) }
  }

  private mutating func keep(_ sample: Sample, in column: Int) {
    columns[column].value = sample.value
    columns[column].time = sample.timestamp.nanoseconds
    columns[column].isNew = true
  }

  private mutating func begin(at time: Int64, by column: Int) {
    if due == .min || interval == 0 {
      due = time
    } else {
      guard time &- due >= 0 - tolerance(of: column) else { return }
      if time &- due >= interval {
        // Whole rows are missing: their rhythm starts over.
        due = time
      } else if columns[column].interval >= interval / 4 * 3 || columns[column].interval == 0 {
        // Follows metrics whose interval is not exactly that of the model.
        due &+= (time &- due) / 8
      }
    }
    isOpen = true
  }

  /// How much earlier than due a sample may be: half its own interval, or half a row.
  private func tolerance(of column: Int) -> Int64 {
    let own = columns[column].interval
    return (own > 0 ? min(own, interval) : interval) / 2
  }

  /// Whether rows wait for a sample of a column: not for a missing one, nor for one that is sampled
  /// less often than rows are due.
  private func waits(for column: Int) -> Bool {
    columns[column].missed < RowAssembler.patience
      && (interval == 0 || columns[column].interval <= interval / 2 * 3)
  }

  /// Ends the open row; ``row`` holds its values.
  /// - Returns: its time, that of its newest sample.
  package mutating func take() -> Timestamp {
    for column in columns.indices {
      let isNew = columns[column].isNew
      row[column] = isNew ? columns[column].value : .nan
      columns[column].missed = isNew ? 0 : min(columns[column].missed + 1, 1 << 30)
      columns[column].isNew = false
    }
    let time = moment
    if interval > 0 { due &+= interval }
    isOpen = false
    moment = .min
    return Timestamp(nanoseconds: time)
  }

  /// Whether a column has been without a sample for longer than its interval and the model's
  /// explain, as of the newest row.
  package func isMissing(_ column: Int) -> Bool {
    let newest = columns.map(\.time).max() ?? .min
    let (own, time) = (columns[column].interval, columns[column].time)
    guard columns[column].missed >= RowAssembler.patience else { return false }
    return time == .min || newest &- time > max(own, interval) &* 3
  }

  /// Reads or writes the state.
  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    for index in columns.indices {
      try coder.code(&columns[index].value)
      try coder.code(nanoseconds: &columns[index].time)
      try coder.code(&columns[index].isNew)
      try coder.code(&columns[index].missed, in: 0...(1 << 30), "rows without a column")
      try coder.code(nanoseconds: &columns[index].interval)
    }
    try coder.code(count: &late, "late samples")
    try coder.code(nanoseconds: &due)
    try coder.code(&isOpen)
    try coder.code(nanoseconds: &moment)
  }
}
