import Glibc
import Series

/// How the values of a column are transformed before they are standardised.
package enum ColumnTransform: String, CaseIterable, Sendable {
  /// Nothing.
  case none
  /// The natural logarithm; values that are not positive are gaps.
  case log
  /// The difference from the preceding value.
  case difference
  /// The difference of the logarithms, such as the return of a price.
  case logDifference = "log-difference"

  fileprivate var takesLogarithm: Bool { self == .log || self == .logDifference }
  fileprivate var takesDifference: Bool { self == .difference || self == .logDifference }
}

/// A column of a model, with its standardisation.
package struct ModelColumn: Equatable, Sendable {
  /// Its name, as recordings have it.
  package var name: String
  /// What happens first.
  package var transform = ColumnTransform.none
  /// Mean of the transformed values that the model was trained on.
  package var mean = 0.0
  /// Their standard deviation, > 0.
  package var scale = 1.0

  /// A value in standard units, given the transformed one.
  func standard(_ transformed: Double) -> Float { Float((transformed - mean) / scale) }

  /// The transformed value; NaN for a gap.
  /// - Parameter previous: the preceding value, before any transform; NaN if there is none.
  func transformed(_ value: Double, after previous: Double) -> Double {
    func level(_ value: Double) -> Double {
      guard value.isFinite else { return .nan }
      if transform.takesLogarithm { return value > 0 ? Glibc.log(value) : .nan }
      return value
    }
    return transform.takesDifference ? level(value) - level(previous) : level(value)
  }
}

/// A column that is not part of a model.
package struct DroppedColumn: Equatable, Sendable {
  /// Why.
  package enum Reason: String, Sendable {
    /// It has no more than one value.
    case empty = "has no values"
    /// All values are the same.
    case constant = "is constant"
  }

  /// Its name.
  package var name: String
  /// Why it was dropped.
  package var reason: Reason

  /// A column that was dropped for this reason.
  package init(name: String, reason: Reason) {
    self.name = name
    self.reason = reason
  }
}

extension ModelColumn {
  /// The columns of a model, fitted on tables that have the same columns.
  package static func fit(
    _ tables: [RecordedTable], transform: ColumnTransform
  ) -> (columns: [ModelColumn], dropped: [DroppedColumn]) {
    var columns: [ModelColumn] = []
    var dropped: [DroppedColumn] = []
    for (index, name) in (tables.first?.columns ?? []).enumerated() {
      var column = ModelColumn(name: name, transform: transform)
      switch column.fit(tables, column: index) {
      case nil: columns.append(column)
      case let reason?: dropped.append(DroppedColumn(name: name, reason: reason))
      }
    }
    return (columns, dropped)
  }

  /// Welford's running mean and variance, over all tables.
  private mutating func fit(_ tables: [RecordedTable], column: Int) -> DroppedColumn.Reason? {
    var count = 0.0
    var squares = 0.0
    var centre = 0.0
    for table in tables {
      var previous = Double.nan
      for row in 0..<table.count {
        let value = table[row, column]
        let change = transformed(value, after: previous)
        if value.isFinite { previous = value }
        guard change.isFinite else { continue }
        count += 1
        let distance = change - centre
        centre += distance / count
        squares += distance * (change - centre)
      }
    }
    guard count > 1 else { return .empty }
    let deviation = (squares / count).squareRoot()
    guard deviation > 1e-9 * abs(centre), deviation.isFinite, deviation > 1e-300 else {
      return .constant
    }
    mean = centre
    scale = deviation
    return nil
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    var texts = [name, transform.rawValue]
    try coder.code(&texts, maximum: 2, longest: MetricName.maximumLength * 2)
    guard texts.count == 2, let transform = ColumnTransform(rawValue: texts[1]) else {
      throw .outOfRange(field: "transform of a column", found: texts.count, expected: 2...2)
    }
    self.name = texts[0]
    self.transform = transform
    try coder.code(&mean)
    try coder.code(&scale)
    guard mean.isFinite, scale.isFinite, scale > 0 else {
      throw .outOfRange(field: "scale of a column", found: 0, expected: 1...Int.max)
    }
  }
}
