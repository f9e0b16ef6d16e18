import Glibc
import System

/// Looks for the files that match patterns, a bounded number of names at a time.
///
/// Below a wildcard it does not enter file systems that the kernel makes up, such as /proc and /sys,
/// nor /dev: their names are many, and looking at some of them has effects.
struct CSVSearch {
  /// A directory still to be looked at.
  private struct Place {
    let pattern: Int
    /// How many components of the pattern ``path`` consists of.
    let depth: Int
    let path: String
  }

  /// The files found so far.
  private(set) var found: Set<String> = []
  /// How many names were looked at.
  private(set) var names = 0
  private let patterns: [CSVPathPattern]
  private var pending: [Place] = []

  /// A search for patterns with wildcards.
  init(_ patterns: [CSVPathPattern]) {
    self.patterns = patterns
  }

  /// Whether there is nothing to look for.
  var isIdle: Bool { patterns.isEmpty }
  /// Whether directories are left to be looked at.
  var isUnderway: Bool { !pending.isEmpty }

  /// Begins anew.
  mutating func begin() {
    found = []
    names = 0
    pending = patterns.indices.map { Place(pattern: $0, depth: 0, path: "") }
  }

  /// Looks at some ``CSVLimits/namesPerStep`` more names.
  /// - Parameter trouble: called for directories that cannot be listed in full, with the reason.
  mutating func step(trouble: (String) -> Void) {
    let end = names + CSVLimits.namesPerStep
    while names < end, let place = pending.popLast() {
      visit(place, trouble)
      guard names < CSVLimits.namesPerSearch, found.count < CSVLimits.directoryEntries else {
        trouble(
          "\(patterns[place.pattern].text): expected at most \(CSVLimits.namesPerSearch) names to "
            + "look at and \(CSVLimits.directoryEntries) files, found more; the rest is ignored")
        pending = []
        return
      }
    }
  }

  private mutating func visit(_ place: Place, _ trouble: (String) -> Void) {
    let parts = patterns[place.pattern].parts
    var path = place.path
    var depth = place.depth
    while case .literal(let text) = parts[depth] {
      guard depth + 1 < parts.count else {
        names += 1
        let isThere = access(path + "/" + text, F_OK) == 0
        if isThere, !CSVDirectory.isPseudo(path) { found.insert(path + "/" + text) }
        return
      }
      path += "/" + text
      depth += 1
    }
    guard case .pattern(let glob) = parts[depth] else { return }
    let isLast = depth == parts.count - 1
    names += 1
    let hasMore = CSVDirectory.visit(path + "/", entersPseudo: place.depth == 0) { name, entry in
      names += 1
      guard CSVPathPattern.matches(glob, name) else { return }
      if isLast {
        found.insert(path + "/" + name)
      } else if entry.mayBeDirectory {
        pending.append(Place(pattern: place.pattern, depth: depth + 1, path: path + "/" + name))
      }
    }
    if hasMore == true {
      trouble(
        "\(path): expected at most \(CSVLimits.directoryEntries) names, found more; the rest is "
          + "ignored")
    } else if hasMore == nil, errno != ENOENT, errno != ENOTDIR {
      trouble("\(path): cannot be searched: \(Errno.last)")
    }
  }
}
