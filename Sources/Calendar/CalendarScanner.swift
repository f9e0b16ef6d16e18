/// Scans a calendar expression from left to right.
struct CalendarScanner {
  private(set) var rest: Substring

  var isAtEnd: Bool { rest.isEmpty }
  var next: Character? { rest.first }
  var malformed: CalendarExpressionError { .malformed(at: String(rest)) }

  init(rest: Substring) {
    self.rest = rest
  }

  /// Consumes the next character if it is this one.
  mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  mutating func skipSpaces() {
    rest = rest.drop { $0 == " " }
  }

  mutating func dateSeparator() throws(CalendarExpressionError) -> Character {
    for separator: Character in ["-", "~"] where take(separator) { return separator }
    throw malformed
  }

  /// Weekday names separated by `,` and `..` or `-`, then a space or the end.
  /// - Returns: a bit per day; 0 if there is no weekday.
  mutating func weekdays() throws(CalendarExpressionError) -> UInt8 {
    var bits: UInt8 = 0
    var from: Int?
    while true {
      guard let day = takeWeekday() else {
        guard bits == 0 else { throw malformed }
        return 0
      }
      if let from, from > day { throw malformed }
      for bit in (from ?? day)...day { bits |= 1 << bit }
      let isRange = from != nil
      from = nil
      if rest.hasPrefix("..") || rest.hasPrefix("-") {
        guard !isRange else { throw malformed }
        rest.removeFirst(rest.hasPrefix("-") ? 1 : 2)
        from = day
      } else if !take(","), !isAtEnd, next != " " {
        throw malformed
      }
      if isAtEnd || next == " " {
        guard from == nil else { throw malformed }
        skipSpaces()
        return bits
      }
    }
  }

  /// A weekday by its name or its first three letters, in any case.
  private mutating func takeWeekday() -> Int? {
    let word = rest.prefix { $0.isLetter }
    let found = CalendarExpression.weekdayNames.firstIndex { name in
      word.lowercased() == name.lowercased() || word.lowercased() == name.prefix(3).lowercased()
    }
    if found != nil { rest = rest.dropFirst(word.count) }
    return found
  }

  /// `*`, or elements separated by commas.
  mutating func field(
    inMicroseconds: Bool = false
  ) throws(CalendarExpressionError) -> CalendarField {
    if take("*") {
      return inMicroseconds
        ? CalendarField(elements: [.init(start: 0, step: 1_000_000)]) : .any
    }
    var elements: [CalendarField.Element] = []
    repeat {
      elements.append(try element(inMicroseconds: inMicroseconds))
    } while take(",")
    if let next, !" -~:".contains(next) { throw malformed }
    return CalendarField(elements: elements)
  }

  private mutating func element(
    inMicroseconds: Bool
  ) throws(CalendarExpressionError) -> CalendarField.Element {
    let unit = inMicroseconds ? 1_000_000 : 1
    var result = CalendarField.Element(start: try number(unit: unit))
    if rest.hasPrefix("..") {
      rest.removeFirst(2)
      result.stop = try number(unit: unit)
      result.step = unit
    }
    if take("/") {
      result.step = try number(unit: unit)
      guard result.step > 0 else { throw malformed }
    } else if inMicroseconds, let stop = result.stop, result.start + result.step > stop {
      throw malformed
    }
    return result
  }

  /// Digits, with a fraction if the unit has one.
  private mutating func number(unit: Int) throws(CalendarExpressionError) -> Int {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    // Nine digits hold every value that can be in range.
    guard (1...9).contains(digits.count), let whole = Int(digits) else { throw malformed }
    rest = rest.dropFirst(digits.count)
    guard unit > 1, next == ".", !rest.hasPrefix("..") else { return whole * unit }
    rest.removeFirst()
    let fraction = rest.prefix { ("0"..."9").contains($0) }
    guard !fraction.isEmpty else { throw malformed }
    rest = rest.dropFirst(fraction.count)
    var (value, place) = (whole * unit, unit)
    for digit in fraction {
      place /= 10
      value += (digit.wholeNumberValue ?? 0) * place
    }
    return value
  }
}
