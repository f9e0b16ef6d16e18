/// The name that rotation gives a file: `pump.csv.1`, `pump.csv-20260102`, `pump.1.csv` or
/// `pump-2026-01-02.csv` for `pump.csv`, each optionally with a compression suffix.
struct CSVRotatedName: Equatable {
  /// Numbers increase with age, dates decrease.
  enum Order: Equatable {
    case number(Int)
    case date([Int])
  }

  /// Its age relative to others of its kind.
  var order: Order
  /// Whether it has been compressed.
  var isCompressed: Bool

  /// Suffixes of compressed files.
  private static let compressions = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z"]
  /// From this many digits on it is a date, below a number: `20260102`.
  private static let digitsOfDate = 6

  /// The possible readings of a rotated name, without its suffix.
  static func bases(of name: String) -> [String] {
    let (plain, _) = withoutCompression(Substring(name))
    var result: [String] = []
    let trunk = plain.reversed().drop { isPart($0) }
    let base = String(String(trunk.reversed()))
    if base.count < plain.count, !base.isEmpty { result.append(base) }
    if let dot = plain.lastIndex(of: "."), dot != plain.startIndex {
      let trunk = plain[..<dot].reversed().drop { isPart($0) }
      let stem = String(String(trunk.reversed()))
      if stem.count < plain[..<dot].count, !stem.isEmpty { result.append(stem + plain[dot...]) }
    }
    return result.filter { CSVRotatedName(name, of: $0) != nil }
  }

  /// Parses `name` as a rotated name of `base`; nil if it is none. Both without directory.
  init?(_ name: String, of base: String) {
    let (plain, isCompressed) = CSVRotatedName.withoutCompression(Substring(name))
    var suffix: Substring
    var needsDate = false
    if plain.hasPrefix(base) {
      suffix = plain.dropFirst(base.count)
    } else {
      guard let dot = base.lastIndex(of: "."), dot != base.startIndex else { return nil }
      let stem = base[..<dot]
      let ending = base[dot...]
      guard plain.hasPrefix(stem), plain.hasSuffix(ending),
        plain.count > stem.count + ending.count
      else { return nil }
      suffix = plain.dropFirst(stem.count).dropLast(ending.count)
      // `pump-2.csv` is a different pump.
      needsDate = suffix.first != "."
    }
    guard let separator = suffix.first, ".-_".contains(separator) else { return nil }
    suffix = suffix.dropFirst()
    guard suffix.first?.isASCIIDigit == true, suffix.last?.isASCIIDigit == true,
      suffix.allSatisfy(CSVRotatedName.isPart)
    else { return nil }
    let parts = suffix.split { !$0.isASCIIDigit }.compactMap { Int($0) }
    let digits = suffix.count(where: \.isASCIIDigit)
    self.isCompressed = isCompressed
    if parts.count == 1, digits < CSVRotatedName.digitsOfDate {
      guard !needsDate else { return nil }
      order = .number(parts[0])
    } else {
      guard !parts.isEmpty, digits >= CSVRotatedName.digitsOfDate else { return nil }
      order = .date(parts)
    }
  }

  /// Whether a file of this name is older than the other; dated ones precede numbered ones.
  func isOlder(than other: CSVRotatedName) -> Bool {
    switch (order, other.order) {
    case (.number(let mine), .number(let others)): mine > others
    case (.date(let mine), .date(let others)): mine.lexicographicallyPrecedes(others)
    case (.date, .number): true
    case (.number, .date): false
    }
  }

  /// Whether a character can be part of a number or a date with time.
  private static func isPart(_ character: Character) -> Bool {
    character.isASCIIDigit || ".-_:T".contains(character)
  }

  private static func withoutCompression(_ name: Substring) -> (Substring, Bool) {
    for ending in compressions where name.hasSuffix(ending) {
      return (name.dropLast(ending.count), true)
    }
    return (name, false)
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
