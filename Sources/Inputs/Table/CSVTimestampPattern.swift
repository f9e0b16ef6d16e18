import Series

/// A pattern for time stamps in the style of strptime(3), such as `%d/%m/%Y %H:%M`; local time
/// unless it has `%z` or `%s`.
///
/// `%Y` year of four digits, `%y` of two (69 is 1969, 68 is 2068), `%m` month, `%d` or `%e` day,
/// `%b` or `%B` month by its English name, `%a` or `%A` day of the week (read and ignored), `%j`
/// day of the year, `%H` hour, `%I` hour of twelve with `%p` AM or PM, `%M` minute, `%S` second,
/// `%f` its fraction, `%z` zone, `%s` epoch seconds, `%F` = `%Y-%m-%d`, `%T` = `%H:%M:%S`, `%R` =
/// `%H:%M`, `%D` = `%m/%d/%y`, `%%` a percent sign. Leading zeros may be omitted; a space matches
/// any number of spaces; any other character matches itself.
public struct CSVTimestampPattern: Equatable, Sendable {
  enum Item: Equatable, Sendable {
    case literal(UInt8)
    case space
    case year
    case shortYear
    case month
    case monthName
    case day
    case dayName
    case dayOfYear
    case hour
    case hourOfTwelve
    case meridiem
    case minute
    case second
    case fraction
    case zone
    case epochSeconds
  }

  /// The pattern as written.
  public let text: String
  private let items: [Item]

  /// Compiles a pattern that contains at least a complete date.
  /// - Throws: ``CSVTimestampPatternError``.
  public init(parsing text: String) throws(CSVTimestampPatternError) {
    guard text.utf8.count <= 100 else { throw .tooLong(bytes: text.utf8.count, maximum: 100) }
    var items: [Item] = []
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        items += scalar == " " ? [.space] : String(scalar).utf8.map(Item.literal)
        continue
      }
      guard let letter = rest.popFirst() else { throw .unfinished(pattern: text) }
      guard let known = CSVTimestampPattern.meaning(of: letter) else {
        throw .unknownConversion(letter, pattern: text)
      }
      items += known
    }
    let hasYear = items.contains(.year) || items.contains(.shortYear)
    let hasMonth = items.contains(.month) || items.contains(.monthName)
    let isDate = hasYear && (items.contains(.dayOfYear) || (hasMonth && items.contains(.day)))
    guard isDate || items.contains(.epochSeconds) else { throw .noWholeDate(pattern: text) }
    guard items.contains(.hourOfTwelve) == items.contains(.meridiem) else {
      throw .halfAClock(pattern: text)
    }
    self.text = text
    self.items = items
  }

  private static func meaning(of letter: Unicode.Scalar) -> [Item]? {
    let dash = Item.literal(0x2D)
    let slash = Item.literal(0x2F)
    let colon = Item.literal(0x3A)
    switch letter {
    case "Y": return [.year]
    case "y": return [.shortYear]
    case "m": return [.month]
    case "b", "B", "h": return [.monthName]
    case "d", "e": return [.day]
    case "a", "A": return [.dayName]
    case "j": return [.dayOfYear]
    case "H", "k": return [.hour]
    case "I", "l": return [.hourOfTwelve]
    case "p", "P": return [.meridiem]
    case "M": return [.minute]
    case "S": return [.second]
    case "f": return [.fraction]
    case "z": return [.zone]
    case "s": return [.epochSeconds]
    case "F": return [.year, dash, .month, dash, .day]
    case "D": return [.month, slash, .day, slash, .shortYear]
    case "T": return [.hour, colon, .minute, colon, .second]
    case "R": return [.hour, colon, .minute]
    case "n", "t": return [.space]
    case "%": return [.literal(0x25)]
    default: return nil
    }
  }

  /// The time at the scanner's position, nil if the text does not match the pattern.
  func parse(_ bytes: Span<UInt8>, _ scanner: inout CSVScanner) -> CSVWrittenTime? {
    var civil = CivilTime(year: 1970, month: 1, day: 1)
    var dayOfYear: Int?
    var isAfternoon: Bool?
    var offset: Int?
    var epochSeconds: Int?
    for item in items {
      switch item {
      case .literal(let byte): guard scanner.take(bytes, byte) else { return nil }
      case .space: while scanner.take(bytes, 0x20) || scanner.take(bytes, 0x09) {}
      case .year:
        guard let year = scanner.digits(bytes, 4, 4) else { return nil }
        civil.year = year
      case .shortYear:
        guard let year = scanner.digits(bytes, 2, 2) else { return nil }
        civil.year = year < 69 ? 2000 + year : 1900 + year
      case .month:
        guard let month = scanner.digits(bytes, 1, 2) else { return nil }
        civil.month = month
      case .monthName:
        guard let month = scanner.monthName(bytes) else { return nil }
        civil.month = month
      case .day:
        while scanner.take(bytes, 0x20) {}
        guard let day = scanner.digits(bytes, 1, 2) else { return nil }
        civil.day = day
      case .dayName: guard scanner.letters(bytes) >= 2 else { return nil }
      case .dayOfYear:
        guard let day = scanner.digits(bytes, 1, 3), day >= 1 else { return nil }
        dayOfYear = day
      case .hour:
        guard let hour = scanner.digits(bytes, 1, 2) else { return nil }
        civil.hour = hour
      case .hourOfTwelve:
        guard let hour = scanner.digits(bytes, 1, 2), (1...12).contains(hour) else { return nil }
        civil.hour = hour % 12
      case .meridiem:
        isAfternoon = scanner.matches(bytes, "pm")
        guard isAfternoon == true || scanner.matches(bytes, "am") else { return nil }
        scanner.skip(2)
      case .minute:
        guard let minute = scanner.digits(bytes, 1, 2) else { return nil }
        civil.minute = minute
      case .second:
        guard let second = scanner.digits(bytes, 1, 2) else { return nil }
        civil.second = second
      case .fraction:
        guard let nanosecond = scanner.fraction(bytes) else { return nil }
        civil.nanosecond = nanosecond
      case .zone:
        guard let east = scanner.zone(bytes) else { return nil }
        offset = east
      case .epochSeconds:
        guard let seconds = scanner.digits(bytes, 1, 10), seconds <= 9_200_000_000 else {
          return nil
        }
        epochSeconds = seconds
      }
    }
    guard scanner.isAtEnd else { return nil }
    if isAfternoon == true { civil.hour += 12 }
    if let epochSeconds {
      return .instant(
        Timestamp(nanoseconds: Int64(epochSeconds) * 1_000_000_000 + Int64(civil.nanosecond)))
    }
    if let dayOfYear {
      civil.month = 1
      civil.day = dayOfYear
      while civil.month <= 12, civil.day > CivilTime.days(inMonth: civil.month, year: civil.year) {
        civil.day -= CivilTime.days(inMonth: civil.month, year: civil.year)
        civil.month += 1
      }
    }
    return CSVWrittenTime(civil, east: offset)
  }
}

extension CSVScanner {
  /// Consumes ASCII letters and returns how many.
  fileprivate mutating func letters(_ bytes: Span<UInt8>) -> Int {
    let start = index
    while case let lower = peek(bytes) | 0x20, lower >= 0x61, lower <= 0x7A { skip(1) }
    return index - start
  }

  /// The month of an English name, identified by its first three letters.
  fileprivate mutating func monthName(_ bytes: Span<UInt8>) -> Int? {
    let start = self
    let length = letters(bytes)
    guard length >= 3 else { return nil }
    let names: [12 of StaticString] = [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    for month in 0..<12 where start.matches(bytes, names[month]) { return month + 1 }
    return nil
  }
}

/// Why a text is not a valid time stamp pattern.
public enum CSVTimestampPatternError: Error, Equatable, CustomStringConvertible {
  /// It exceeds the maximum length.
  case tooLong(bytes: Int, maximum: Int)
  /// It ends in a lone `%`.
  case unfinished(pattern: String)
  /// It has a `%` with an unsupported letter.
  case unknownConversion(Unicode.Scalar, pattern: String)
  /// It contains no complete date and so does not determine a time.
  case noWholeDate(pattern: String)
  /// It has `%I` without `%p` or `%p` without `%I`.
  case halfAClock(pattern: String)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .tooLong(let bytes, let maximum):
      "a time stamp pattern may have at most \(maximum) bytes, found \(bytes)"
    case .unfinished(let pattern): "expected a letter after the last % of '\(pattern)'"
    case .unknownConversion(let letter, let pattern):
      "unknown conversion %\(letter) in '\(pattern)'"
    case .noWholeDate(let pattern):
      "expected \(CSVTimestampFormat.words), or a pattern with year, month and day such as "
        + "%d/%m/%Y %H:%M, found '\(pattern)'"
    case .halfAClock(let pattern): "%I and %p must be used together in '\(pattern)'"
    }
  }
}
