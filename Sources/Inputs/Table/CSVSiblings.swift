import Glibc
import System

/// The rotated files of one file, as found beside it at one moment.
struct CSVSiblings: Equatable {
  /// One of them.
  struct Entry: Equatable {
    var name: String
    var facts: CSVFileFacts
    /// Nil for the file that was searched for by its inode and has some other kind of name.
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

  /// Lists the directory of `path` until two listings agree, as files are renamed one after the
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
    guard let slash = path.lastIndex(of: "/") else { return ("./", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
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
