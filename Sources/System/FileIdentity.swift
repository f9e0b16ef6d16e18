package import Glibc

/// Device and inode: the same for all names of one file.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  /// The file with these numbers.
  package init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// The file described by `facts`.
  package init(_ facts: stat) {
    self.init(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
  }

  /// The file, or symbolic link, at `path`; nil if there is none.
  package init?(at path: UnsafePointer<CChar>) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return nil }
    self.init(facts)
  }
}
