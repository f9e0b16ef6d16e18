import Glibc

/// The names in a directory.
enum CSVDirectory {
  /// Passes each name but `.` and `..`, with its inode, to `body` in no particular order; at most
  /// ``CSVLimits/directoryEntries``.
  /// - Returns: nil if the directory cannot be read, with the reason in `errno`; otherwise whether
  ///   there are more.
  @discardableResult
  static func visit(_ directory: String, _ body: (String, UInt64) -> Void) -> Bool? {
    guard let stream = opendir(directory) else { return nil }
    defer { closedir(stream) }
    var looked = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      looked += 1
      guard looked <= CSVLimits.directoryEntries else { return true }
      body(name, UInt64(entry.pointee.d_ino))
    }
    return false
  }
}
