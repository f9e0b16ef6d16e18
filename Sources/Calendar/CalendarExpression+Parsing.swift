extension CalendarExpression {
  /// Parses an expression.
  /// - Parameter zone: looks up the rules of a time zone by its IANA name, nil if there is no such
  ///   zone; called with the text after the last space, unless that is `UTC`.
  /// - Throws: ``CalendarExpressionError``.
  public init(
    parsing text: String,
    zone lookUp: (String) -> TimeZoneRules?
  ) throws(CalendarExpressionError) {
    guard text.utf8.count <= CalendarExpression.maximumBytes else { throw .tooLong }
    var words = Substring(text)
    self.init()
    if let space = text.lastIndex(of: " ") {
      let last = String(text[text.index(after: space)...])
      let rules = last.lowercased() == "utc" ? TimeZoneRules.utc : lookUp(last)
      if let rules {
        zone = .named(rules)
        words = text[..<space]
      }
    }
    var scanner = CalendarScanner(rest: words)
    if let shorthand = CalendarExpression.shorthands[words.lowercased()] {
      (month, day, weekdays) = (shorthand.month, shorthand.day, shorthand.weekdays)
      (hour, minute) = (shorthand.hour, shorthand.minute)
      microsecond = .one(0)
    } else {
      guard !words.isEmpty else { throw .malformed(at: "") }
      weekdays = try scanner.weekdays()
      try readDateAndTime(&scanner)
    }
    self = normalized
    if let invalidField { throw .outOfRange(field: invalidField) }
  }

  /// The longest text that is accepted.
  static let maximumBytes = 1_024

  private mutating func readDateAndTime(
    _ scanner: inout CalendarScanner
  ) throws(CalendarExpressionError) {
    if scanner.take("@") { return try readEpoch(&scanner) }
    let beginning = scanner
    if !scanner.isAtEnd {
      let first = try scanner.field()
      if scanner.isAtEnd || scanner.next == ":" {
        scanner = beginning
      } else {
        try readDate(first, &scanner)
      }
    }
    try readTime(&scanner)
  }

  /// What follows the year or the month: `-DAY`, `~DAY`, `-MONTH-DAY` or `-MONTH~DAY`.
  private mutating func readDate(
    _ first: CalendarField,
    _ scanner: inout CalendarScanner
  ) throws(CalendarExpressionError) {
    countsFromMonthEnd = try scanner.dateSeparator() == "~"
    let second = try scanner.field()
    if scanner.isAtEnd || scanner.next == " " {
      (month, day) = (first, second)
    } else {
      if countsFromMonthEnd { throw scanner.malformed }
      countsFromMonthEnd = try scanner.dateSeparator() == "~"
      (year, month, day) = (first, second, try scanner.field())
      guard scanner.isAtEnd || scanner.next == " " else { throw scanner.malformed }
    }
    scanner.skipSpaces()
  }

  /// `HOUR:MINUTE` or `HOUR:MINUTE:SECOND`; midnight if empty.
  private mutating func readTime(
    _ scanner: inout CalendarScanner
  ) throws(CalendarExpressionError) {
    (hour, minute, microsecond) = (.one(0), .one(0), .one(0))
    if scanner.isAtEnd { return }
    hour = try scanner.field()
    guard scanner.take(":") else { throw scanner.malformed }
    minute = try scanner.field()
    if scanner.take(":") { microsecond = try scanner.field(inMicroseconds: true) }
    guard scanner.isAtEnd else { throw scanner.malformed }
  }

  /// `@SECONDS` since 1970.
  private mutating func readEpoch(
    _ scanner: inout CalendarScanner
  ) throws(CalendarExpressionError) {
    let days = CalendarDay.number(year: CalendarExpression.years.upperBound + 1, month: 1, day: 1)
    guard let seconds = Int(scanner.rest), seconds >= 0, scanner.rest.first != "+" else {
      throw scanner.malformed
    }
    guard seconds < days * 86_400 else { throw .outOfRange(field: "year") }
    let date = CalendarDay(number: seconds / 86_400)
    (year, month, day) = (.one(date.year), .one(date.month), .one(date.day))
    hour = .one(seconds / 3600 % 24)
    minute = .one(seconds / 60 % 60)
    microsecond = .one(seconds % 60 * 1_000_000)
    zone = .named(.utc)
  }

  private struct Shorthand {
    var month = CalendarField.any
    var day = CalendarField.any
    var weekdays: UInt8 = allWeekdays
    var hour = CalendarField.one(0)
    var minute = CalendarField.one(0)

    static func months(_ values: Int...) -> Shorthand {
      Shorthand(month: CalendarField(elements: values.map { .init(start: $0) }), day: .one(1))
    }
  }

  private static let shorthands: [String: Shorthand] = [
    "minutely": Shorthand(hour: .any, minute: .any),
    "hourly": Shorthand(hour: .any),
    "daily": Shorthand(),
    "weekly": Shorthand(weekdays: 1),
    "monthly": Shorthand(day: .one(1)),
    "quarterly": .months(1, 4, 7, 10),
    "semiannually": .months(1, 7), "semi-annually": .months(1, 7),
    "biannually": .months(1, 7), "bi-annually": .months(1, 7),
    "yearly": .months(1), "annually": .months(1), "anually": .months(1),
  ]
}

/// Why a text is not a calendar expression.
public enum CalendarExpressionError: Error, Equatable, CustomStringConvertible {
  /// It has more than 1,024 bytes.
  case tooLong
  /// The rest of the text, `at`, has no meaning there.
  case malformed(at: String)
  /// A field (`year`, `month`, `day`, `hour`, `minute` or `second`) is out of range.
  case outOfRange(field: String)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .tooLong: "the expression has more than \(CalendarExpression.maximumBytes) bytes"
    case .malformed(let rest) where rest.isEmpty: "something is missing at the end"
    case .malformed(let rest): "'\(rest)' is not valid there"
    case .outOfRange(let field): "the \(field) is out of range"
    }
  }
}
