import Glibc
import Networks
import Series

/// An anomaly to inject into a series.
package struct Injection: Equatable, Sendable {
  /// What happens.
  package enum Kind: String, CaseIterable, Sendable {
    /// Single values far off.
    case spike
    /// A lasting level shift.
    case level
    /// The level drifts away and comes back.
    case drift
    /// The series varies more.
    case variance
    /// The last value repeats.
    case stuck
    /// Values are missing.
    case dropout
    /// Values are rounded to a few steps.
    case quantised
    /// A stretch from another time: each value is usual, their pattern is not.
    case collective
    /// The clock runs at half its speed, then jumps ahead.
    case late

    /// Its default length in rows.
    package var usualLength: Int {
      switch self {
      case .spike: 1
      case .dropout, .late: 30
      default: 100
      }
    }
  }

  /// What happens.
  package var kind: Kind
  /// How often.
  package var count: Int
  /// Rows that it lasts.
  package var length: Int
  /// Its size, in deviations of the series from row to row.
  package var strength: Double

  /// Anomalies of a kind.
  package init(_ kind: Kind, count: Int = 1, length: Int? = nil, strength: Double = 8) {
    self.kind = kind
    self.count = count
    self.length = length ?? kind.usualLength
    self.strength = strength
  }

  /// An injected anomaly.
  package struct Placed: Equatable, Sendable {
    /// What happens.
    package var kind: Kind
    /// In which rows.
    package var rows: ClosedRange<Int>
    /// In which column.
    package var column: Int
  }

  /// Injects anomalies into a table at random places without overlap, and labels their rows.
  ///
  /// The first tenth of the rows stays clean, to learn from; anomalies that do not fit are left
  /// out.
  /// - Returns: the injected anomalies, in order.
  package static func inject(
    _ injections: [Injection], into table: inout RecordedTable, seed: UInt64
  ) -> [Placed] {
    var random = XorShift(seed: seed &+ 0xA70)
    var placed: [Placed] = []
    var labels = table.labels ?? Array(repeating: false, count: table.count)
    let columns = table.columns.count
    let scales = (0..<columns).map { table.change(of: $0) }
    let first = max(2, table.count / 10)
    for injection in injections {
      for _ in 0..<injection.count {
        // A few rows between two anomalies, so that they can be distinguished.
        let margin = 20
        let room = table.count - injection.length - first - margin
        var found: ClosedRange<Int>?
        for _ in 0..<100 where found == nil && room > 0 {
          let start = first + Int(random.uniform() * Double(room))
          let rows = start...(start + injection.length - 1)
          let isFree = placed.allSatisfy {
            $0.rows.upperBound + margin < rows.lowerBound
              || rows.upperBound + margin < $0.rows.lowerBound
          }
          if isFree { found = rows }
        }
        guard let rows = found else { continue }
        let column = Int(random.uniform() * Double(columns))
        injection.apply(to: &table, rows, column, scale: scales[column], &random)
        for row in rows { labels[row] = true }
        placed.append(Placed(kind: injection.kind, rows: rows, column: column))
      }
    }
    table.labels = labels
    return placed.sorted { $0.rows.lowerBound < $1.rows.lowerBound }
  }

  private func apply(
    to table: inout RecordedTable, _ rows: ClosedRange<Int>, _ column: Int, scale: Double,
    _ random: inout XorShift
  ) {
    let sign = random.uniform() < 0.5 ? -1.0 : 1
    let (far, first) = (sign * strength * scale, rows.lowerBound)
    let source = rows.lowerBound / 2
    let before = table
    switch kind {
    case .late:
      let step = table.timestamps[first].elapsed(since: table.timestamps[first - 1]) / 2
      for (place, row) in rows.enumerated() {
        table.setTime(of: row, table.timestamps[first - 1].advanced(by: step * (place + 1)))
      }
    case .level:
      // The label marks the shift; from there on it stays.
      for row in first..<table.count { table[row, column] += far }
    default:
      for (place, row) in rows.enumerated() {
        let value = before[row, column]
        switch kind {
        case .spike: table[row, column] = value + far
        case .drift:
          let share = 1 - abs(2 * Double(place) / Double(max(1, rows.count - 1)) - 1)
          table[row, column] = value + far * share
        case .variance: table[row, column] = value + strength / 2 * scale * random.gaussian()
        case .stuck: table[row, column] = before[first - 1, column]
        case .dropout: table[row, column] = .nan
        case .quantised:
          let step = strength * scale
          table[row, column] = step > 0 ? (value / step).rounded() * step : value
        case .collective: table[row, column] = before[source + rows.count - 1 - place, column]
        case .late, .level: break
        }
      }
    }
  }
}

extension RecordedTable {
  /// The root of the mean square of a column's changes from row to row.
  fileprivate func change(of column: Int) -> Double {
    var (sum, count) = (0.0, 0.0)
    for row in 1..<max(1, self.count) {
      let change = self[row, column] - self[row - 1, column]
      guard change.isFinite else { continue }
      sum += change * change
      count += 1
    }
    return count > 0 ? (sum / count).squareRoot() : 1
  }
}
