/// The values that one field of a calendar expression matches, such as the minutes `0/15` or the
/// days `1..7,15`.
struct CalendarField: Equatable, Sendable {
  /// One element of a list: a value, a range or a repetition.
  struct Element: Equatable, Sendable {
    var start: Int
    /// The last value of a range; nil if it is none.
    var stop: Int?
    /// The distance between two values; 0 for a single value.
    var step = 0

    /// Whether the element has a value within the field's range, and more than one if it has a
    /// step.
    func isValid(in range: ClosedRange<Int>, fromMonthEnd: Bool) -> Bool {
      // Counted from the end, every month has at least this many days.
      let range = fromMonthEnd ? range.lowerBound...range.upperBound - 3 : range
      guard range.contains(start), step <= range.upperBound - range.lowerBound else { return false }
      if let stop { return range.contains(stop) && start + step <= stop }
      return fromMonthEnd
        ? start - step >= range.lowerBound : start + step <= range.upperBound
    }

    /// Shortens a range to the last value that its steps reach; a range of one value is that value.
    var normalized: Element {
      var result = self
      if let stop, stop > start, step > 0 { result.stop = stop - (stop - start) % step }
      if result.stop == start { result = Element(start: start) }
      return result
    }

    /// The value nearest to `value` on one side of it, including itself.
    func nearest(_ value: Int, _ direction: Direction) -> Int? {
      switch direction {
      case .forward:
        if value <= start { return start }
        guard step > 0 else { return nil }
        let next = start + (value - start + step - 1) / step * step
        return next <= stop ?? .max ? next : nil
      case .backward:
        if value < start { return nil }
        guard step > 0 else { return start }
        return start + (min(value, stop ?? .max) - start) / step * step
      }
    }
  }

  /// The elements; empty matches any value.
  var elements: [Element] = []

  /// Any value.
  static let any = CalendarField()

  /// Only this value.
  static func one(_ value: Int) -> CalendarField {
    CalendarField(elements: [Element(start: value)])
  }

  /// The value nearest to `value` on one side of it, including itself; if any value matches,
  /// `value`.
  func nearest(_ value: Int, _ direction: Direction) -> Int? {
    if elements.isEmpty { return value }
    let found = elements.compactMap { $0.nearest(value, direction) }
    return direction == .forward ? found.min() : found.max()
  }

  /// Whether `value` matches.
  func contains(_ value: Int) -> Bool { nearest(value, .forward) == value }

  /// The field as days of a month of `length` days, if its values count from the last one.
  func fromMonthEnd(length: Int) -> CalendarField {
    CalendarField(
      elements: elements.map { element in
        let (start, stop) = (length + 1 - element.start, element.stop.map { length + 1 - $0 })
        return Element(
          start: min(start, stop ?? start), stop: stop.map { max(start, $0) }, step: element.step)
      })
  }

  /// Sorted, without duplicates.
  var normalized: CalendarField {
    let sorted = elements.map(\.normalized).sorted {
      ($0.start, $0.stop ?? -1, $0.step) < ($1.start, $1.stop ?? -1, $1.step)
    }
    var result: [Element] = []
    for element in sorted where result.last != element { result.append(element) }
    return CalendarField(elements: result)
  }

  /// The text of the field.
  /// - Parameters:
  ///   - width: digits of a value, with zeros in front.
  ///   - unit: the size of one; 1,000,000 for microseconds that are written as seconds.
  func text(width: Int, unit: Int = 1) -> String {
    func number(_ value: Int, width: Int) -> String {
      let whole = padded(value / unit, width)
      return value % unit == 0 ? whole : whole + "." + padded(value % unit, 6)
    }
    if elements.isEmpty || unit > 1 && elements == [Element(start: 0, step: unit)] { return "*" }
    return elements.map { element in
      var text = number(element.start, width: width)
      if let stop = element.stop { text += ".." + number(stop, width: width) }
      if element.step > 0, element.stop == nil || element.step != unit {
        text += "/" + number(element.step, width: 1)
      }
      return text
    }.joined(separator: ",")
  }
}

/// The direction of a search.
enum Direction: Int {
  case backward = -1
  case forward = 1
}

private func padded(_ value: Int, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
