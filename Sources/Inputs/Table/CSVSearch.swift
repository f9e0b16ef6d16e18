import CSystemd
import Glibc
import System

/// Searches for the files that match patterns, a bounded number of names at a time.
///
/// Below a wildcard it does not enter virtual file systems such as /proc and /sys, nor /dev: they
/// contain many names, and accessing some of them has side effects.
struct CSVSearch {
  /// A directory still to be examined.
  private struct Place {
    let pattern: Int
    /// How many components of the pattern ``path`` consists of.
    let depth: Int
    let path: String
  }

  /// The files found so far.
  private(set) var found: Set<String> = []
  /// How many names were examined.
  private(set) var names = 0
  private let patterns: [CSVPathPattern]
  private var pending: [Place] = []

  /// A search for patterns with wildcards.
  init(_ patterns: [CSVPathPattern]) {
    self.patterns = patterns
  }

  /// Whether there is nothing to search for.
  var isIdle: Bool { patterns.isEmpty }
  /// Whether directories are left to be examined.
  var isUnderway: Bool { !pending.isEmpty }

  /// Starts over.
  mutating func begin() {
    found = []
    names = 0
    pending = patterns.indices.map { Place(pattern: $0, depth: 0, path: "") }
  }

  /// Examines some ``CSVLimits/namesPerStep`` more names.
  /// - Parameter trouble: called for directories that cannot be listed completely, with the reason.
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

/// The names in a directory.
enum CSVDirectory {
  /// A directory's information about a name, without accessing the file.
  struct Entry {
    var inode: UInt64
    /// Whether it is a directory, or that is unknown without accessing it.
    var mayBeDirectory: Bool
  }

  /// Passes each name except `.` and `..` to `body` in no particular order; at most
  /// ``CSVLimits/directoryEntries``.
  /// - Parameter entersPseudo: whether a directory of a virtual file system, such as /proc, is
  ///   listed too; otherwise it counts as empty.
  /// - Returns: nil if the directory cannot be read, with the reason in `errno`; otherwise whether
  ///   there are more.
  @discardableResult
  static func visit(
    _ directory: String, entersPseudo: Bool = true, _ body: (String, Entry) -> Void
  ) -> Bool? {
    guard let stream = opendir(directory) else { return nil }
    defer { closedir(stream) }
    if !entersPseudo, isPseudo(directory) { return false }
    var looked = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      looked += 1
      guard looked <= CSVLimits.directoryEntries else { return true }
      let kind = Int(entry.pointee.d_type)
      body(
        name,
        Entry(
          inode: UInt64(entry.pointee.d_ino),
          mayBeDirectory: [Int(DT_DIR), Int(DT_LNK), Int(DT_UNKNOWN)].contains(kind)))
    }
    return false
  }

  /// Whether a directory belongs to a virtual file system, or to the one of /dev.
  static func isPseudo(_ directory: String) -> Bool {
    var system = statfs()
    guard statfs(directory, &system) == 0 else { return false }
    if pseudoTypes.contains(UInt32(truncatingIfNeeded: system.f_type)) { return true }
    // It has the same type as /tmp.
    var (facts, device, root) = (stat(), stat(), stat())
    return stat(directory, &facts) == 0 && stat("/dev", &device) == 0 && stat("/", &root) == 0
      && facts.st_dev == device.st_dev && device.st_dev != root.st_dev
  }

  /// The numbers in statfs(2) of proc, sysfs, cgroup, cgroup2, debugfs, tracefs, securityfs,
  /// selinuxfs, bpf, pstore, efivarfs, configfs, mqueue, hugetlbfs, devpts, binfmt_misc, autofs,
  /// fusectl, nsfs and rpc_pipefs.
  private static let pseudoTypes: Set<UInt32> = [
    0x9FA0, 0x6265_6572, 0x27_E0EB, 0x6367_7270, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0xF97C_FF8C,
    0xCAFE_4A11, 0x6165_676C, 0xDE5E_81E4, 0x6265_6570, 0x1980_0202, 0x9584_58F6, 0x1CD1,
    0x4249_4E4D, 0x0187, 0x6573_5543, 0x6E73_6673, 0x6759_6969,
  ]
}
