internal import Glibc

/// The names in a directory of /sys.
enum DirectoryListing {
  /// The maximum number of names read from one directory.
  static let limit = 8192

  struct Entry {
    let name: String
    /// Whether it is, or may be, a directory: /sys is full of links to directories.
    let mayBeDirectory: Bool
    let isLink: Bool
  }

  /// All names except `.` and `..`, shorter names first, so that `hwmon2` precedes `hwmon10`; empty
  /// if the directory does not exist or cannot be read.
  static func entries(of path: String) -> [Entry] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var result: [Entry] = []
    while result.count < limit, let entry = readdir(directory) {
      guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { break }
      let bytes = UnsafeRawPointer(entry).advanced(by: offset)
      let name = String(cString: bytes.assumingMemoryBound(to: CChar.self))
      if name == "." || name == ".." { continue }
      let type = Int(entry.pointee.d_type)
      result.append(
        Entry(
          name: name,
          mayBeDirectory: [DT_DIR, DT_LNK, DT_UNKNOWN].contains { Int($0) == type },
          isLink: type == Int(DT_LNK)
        )
      )
    }
    return result.sorted {
      ($0.name.utf8.count, $0.name) < ($1.name.utf8.count, $1.name)
    }
  }

  /// The names of the subdirectories of a directory, excluding links, unordered.
  static func directories(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var result: [String] = []
    while result.count < limit, let entry = readdir(directory) {
      guard Int(entry.pointee.d_type) == Int(DT_DIR),
        let offset = MemoryLayout<dirent>.offset(of: \.d_name)
      else { continue }
      let bytes = UnsafeRawPointer(entry).advanced(by: offset)
      let name = String(cString: bytes.assumingMemoryBound(to: CChar.self))
      if name != ".", name != ".." { result.append(name) }
    }
    return result
  }

  /// The last component of a link's target; nil for anything but a link.
  static func targetName(of link: String) -> String? {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      let length = readlink(link, base.assumingMemoryBound(to: CChar.self), buffer.count)
      guard length > 0 else { return nil }
      let text = String(decoding: buffer[..<length], as: UTF8.self)
      return text.split(separator: "/").last.map(String.init)
    }
  }
}
