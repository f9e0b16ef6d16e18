import Calendar
import Glibc
import Series

extension ValueSyntax where Value == [String] {
  /// Patterns over names.
  static let globs = ValueSyntax(
    expectation: "patterns with white space between, such as sd* nvme?n1",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text), words.allSatisfy({ Glob($0.text) != nil }) else {
      return nil
    }
    return words.map(\.text)
  } format: {
    $0.map { Words.format($0) }.joined(separator: " ")
  }
}

extension ValueSyntax where Value == [String] {
  /// Patterns of files.
  static let paths = ValueSyntax(
    expectation: "absolute paths with white space between, which may be patterns such as "
      + "/var/log/app/*.csv",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text), !words.isEmpty else { return nil }
    let isPath = { (path: String) in
      path.hasPrefix("/") && path.utf8.count < 4096 && path.contains { $0 != "/" }
        && path.split(separator: "/").allSatisfy { Glob(String($0)) != nil }
    }
    return words.allSatisfy { isPath($0.text) } ? words.map(\.text) : nil
  } format: {
    $0.map { Words.format($0) }.joined(separator: " ")
  }
}

extension ValueSyntax where Value == Set<Settings.Collector> {
  /// Words of ``Settings/Collector``, `default` for the default ones, `all` for all.
  static let collectors = ValueSyntax(
    expectation: "default, all, or words out of "
      + Settings.Collector.allCases.map(\.rawValue).joined(separator: " "),
    adding: { $0.union($1) }
  ) { text in
    guard let words = Words.split(text), !words.isEmpty else { return nil }
    var result: Set<Settings.Collector> = []
    for word in words {
      switch word.text {
      case "all": result.formUnion(Settings.Collector.allCases)
      case "default": result.formUnion(Settings.Collector.defaults)
      default:
        guard let collector = Settings.Collector(rawValue: word.text) else { return nil }
        result.insert(collector)
      }
    }
    return result
  } format: { collectors in
    if collectors.count == Settings.Collector.allCases.count { return "all" }
    var words = collectors
    var result: [String] = []
    if words.isSuperset(of: Settings.Collector.defaults) {
      words.subtract(Settings.Collector.defaults)
      result.append("default")
    }
    result += Settings.Collector.allCases.filter(words.contains).map(\.rawValue)
    return result.joined(separator: " ")
  }
}

extension Settings.Column {
  /// The most columns of a table.
  static let maximumPosition = 1_024

  /// A position, or a name; quotes make a name of a number. Nil for position 0 and beyond
  /// ``maximumPosition``, and for nothing.
  fileprivate init?(_ word: Word) {
    if !word.isQuoted, let position = Int(word.text) {
      guard (1...Settings.Column.maximumPosition).contains(position) else { return nil }
      self = .position(position)
    } else {
      guard !word.text.isEmpty else { return nil }
      self = .name(word.text)
    }
  }

  /// The column as one word; a name in quotes where it would read as a number or keyword.
  fileprivate var word: String {
    switch self {
    case .position(let position): String(position)
    case .name(let name):
      Words.format(name, quoting: Int(name) != nil || ["all", "auto", "none"].contains(name))
    }
  }
}

extension ValueSyntax where Value == [Settings.Column] {
  /// Columns of a table, or `all`, which is none.
  static let columns = ValueSyntax(
    expectation: "all, or column names or positions (the first is 1) with white space between",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    guard let words = Words.split(text) else { return nil }
    if words == [Word(text: "all", isQuoted: false)] { return [] }
    let columns = words.compactMap { Settings.Column($0) }
    return columns.count == words.count ? columns : nil
  } format: { columns in
    columns.isEmpty ? "all" : columns.map(\.word).joined(separator: " ")
  }
}

extension ValueSyntax where Value == Settings.Column? {
  /// One column of a table; nil for the word `absent`.
  static func column(or absent: String) -> ValueSyntax {
    ValueSyntax(
      expectation: "\(absent), or one column name or position (the first is 1)"
    ) { text in
      guard let words = Words.split(text), words.count == 1, let column = Settings.Column(words[0])
      else { return nil }
      return words[0] == Word(text: absent, isQuoted: false) ? .some(nil) : column
    } format: {
      $0.map(\.word) ?? absent
    }
  }
}

extension ValueSyntax where Value == Settings.TimestampColumn {
  static let timestampColumn = ValueSyntax(
    expectation: "auto, none, or one column name or position (the first is 1)"
  ) { text in
    guard let words = Words.split(text), words.count == 1, let column = Settings.Column(words[0])
    else { return nil }
    switch (words[0].text, words[0].isQuoted) {
    case ("auto", false): return .auto
    case ("none", false): return Settings.TimestampColumn.none
    default: return .column(column)
    }
  } format: { column in
    switch column {
    case .auto: "auto"
    case .none: "none"
    case .column(let column): column.word
    }
  }
}

extension ValueSyntax where Value == Settings.TimestampFormat {
  static let timestampFormat = ValueSyntax(
    expectation: "auto, iso8601, epoch, epoch-ms, or a pattern such as %d.%m.%Y %H:%M:%S"
  ) { text in
    switch text {
    case "auto": .auto
    case "iso8601": .iso8601
    case "epoch": .epochSeconds
    case "epoch-ms": .epochMilliseconds
    default: text.contains("%") ? .pattern(text) : nil
    }
  } format: { format in
    switch format {
    case .auto: "auto"
    case .iso8601: "iso8601"
    case .epochSeconds: "epoch"
    case .epochMilliseconds: "epoch-ms"
    case .pattern(let pattern): pattern
    }
  }
}

extension ValueSyntax where Value == TimeZoneRules {
  /// A time zone of this host's database.
  static let timeZone = ValueSyntax(
    expectation: "UTC, local, or the name of a zone below /usr/share/zoneinfo such as "
      + "Europe/Berlin"
  ) { text in
    ZoneFiles.rules(of: text) { name in getenv(name).map { String(cString: $0) } }
  } format: {
    $0.name
  }
}

extension ValueSyntax where Value == Settings.Header {
  static let header = ValueSyntax(expectation: "auto, yes or no") { text in
    if text == "auto" { return .auto }
    return parseTruth(text).map { $0 ? .yes : .no }
  } format: {
    $0.rawValue
  }
}

extension ValueSyntax where Value == UInt8? {
  private static let names: KeyValuePairs<String, UInt8> = [
    "comma": UInt8(ascii: ","), "semicolon": UInt8(ascii: ";"), "tab": UInt8(ascii: "\t"),
    "pipe": UInt8(ascii: "|"), "space": UInt8(ascii: " "),
  ]

  /// A byte between cells; nil for `auto`. What numbers, names and quotes are made of is refused.
  static let delimiter = ValueSyntax(
    expectation: "auto, comma, semicolon, tab, pipe, space, or one character such as #"
  ) { text in
    if text == "auto" { return .some(nil) }
    if let named = names.first(where: { $0.key == text }) { return named.value }
    guard text.utf8.count == 1, let byte = text.utf8.first,
      (0x21...0x7E).contains(byte), !"\"'\\.+-_".utf8.contains(byte),
      !Character(Unicode.Scalar(byte)).isLetter, !Character(Unicode.Scalar(byte)).isNumber
    else { return nil }
    return byte
  } format: { byte in
    guard let byte else { return "auto" }
    return names.first { $0.value == byte }?.key ?? String(Unicode.Scalar(byte))
  }
}

extension ValueSyntax where Value == String? {
  /// The beginning of metric names; `""` for an empty one, nil where not said.
  static let prefix = ValueSyntax(
    expectation: "the beginning of a metric name, at most 100 bytes without white space, or \"\""
  ) { text in
    guard let prefix = parsePrefix(text) else { return nil }
    return prefix
  } format: { prefix in
    prefix.map { $0.isEmpty ? "\"\"" : $0 } ?? ""
  }

  /// The same, with parts of a file's path in it.
  static let filePrefix = ValueSyntax(
    expectation: "the beginning of a metric name, at most 100 bytes without white space, with "
      + "{file} or {directory} in it where wanted, or \"\""
  ) { text in
    guard let prefix = parsePrefix(text) else { return nil }
    var plain = prefix
    for placeholder in ["{file}", "{directory}"] { plain.replace(placeholder, with: "") }
    guard !plain.contains(where: { "{}".contains($0) }) else { return nil }
    return prefix
  } format: { prefix in
    prefix.map { $0.isEmpty ? "\"\"" : $0 } ?? ""
  }
}

private func parsePrefix(_ text: String) -> String? {
  if text == "\"\"" { return "" }
  guard text.utf8.count <= 100, (try? MetricName(validating: text)) != nil else { return nil }
  return text
}
