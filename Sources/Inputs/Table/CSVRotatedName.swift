import Glibc
import System

/// The name of a rotated file: `pump.csv.1`, `pump.csv-20260102`, `pump.1.csv` or
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
  /// With at least this many digits it is a date, otherwise a number: `20260102`.
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

  /// Parses `name` as a rotated name of `base`; nil if it is not one. Both without directory.
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

/// The rotated files of one file, as found beside it at one time.
struct CSVSiblings: Equatable {
  /// One of them.
  struct Entry: Equatable {
    var name: String
    var facts: CSVFileFacts
    /// Nil for a file that was searched for by its inode and has some other kind of name.
    var rotated: CSVRotatedName?
  }

  /// Those that can be read, oldest first.
  private(set) var files: [Entry] = []
  /// Those that were compressed, oldest first.
  private(set) var compressed: [Entry] = []
  /// The file that was searched for, under a name that rotation does not produce.
  private(set) var stray: Entry?
  /// The file that has the original name.
  private(set) var current: CSVFileFacts?

  /// Lists the directory of `path` until two listings agree, since files are renamed one after the
  /// other.
  /// - Parameter wanted: a file that is also searched for under any other name.
  /// - Returns: nil if it keeps changing; the next poll may find it settled.
  static func around(_ path: String, wanted: FileIdentity?) -> CSVSiblings? {
    var last = look(around: path, wanted: wanted)
    for _ in 0..<3 {
      let again = look(around: path, wanted: wanted)
      if again.isLike(last) { return again }
      last = again
    }
    return nil
  }

  /// The directory part of a path, with its slash, and the rest.
  static func parts(of path: String) -> (directory: String, name: String) {
    // By bytes, as the kernel: a name may begin with a combining mark, which would hide the slash.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("./", path) }
    return (String(path[...slash]), String(path[path.utf8.index(after: slash)...]))
  }

  private static func look(around path: String, wanted: FileIdentity?) -> CSVSiblings {
    var result = CSVSiblings()
    let (directory, base) = parts(of: path)
    result.current = CSVFileFacts.named(path)
    let stem = base.lastIndex(of: ".").map { $0 == base.startIndex ? base : String(base[..<$0]) }
    CSVDirectory.visit(directory) { name, entry in
      let isWanted = entry.inode == wanted?.inode
      guard isWanted || name.hasPrefix(stem ?? base), name != base else { return }
      let rotated = CSVRotatedName(name, of: base)
      guard isWanted || rotated != nil else { return }
      guard let facts = CSVFileFacts.named(directory + name) else { return }
      let entry = Entry(name: name, facts: facts, rotated: rotated)
      if rotated?.isCompressed == true {
        result.compressed.append(entry)
      } else if rotated != nil {
        result.files.append(entry)
      } else if facts.identity == wanted {
        result.stray = entry
      }
    }
    result.files = sorted(result.files)
    result.compressed = sorted(result.compressed)
    return result
  }

  private static func sorted(_ entries: [Entry]) -> [Entry] {
    let sorted = entries.sorted { one, other in
      guard let mine = one.rotated, let others = other.rotated else { return false }
      return mine.isOlder(than: others)
    }
    return Array(sorted.suffix(CSVLimits.rotatedFiles))
  }

  /// Whether the same files have the same names; they may have grown.
  private func isLike(_ other: CSVSiblings) -> Bool {
    files.elementsEqual(other.files) {
      $0.name == $1.name && $0.facts.identity == $1.facts.identity
    } && current?.identity == other.current?.identity && stray?.name == other.stray?.name
  }
}
