import CSystemd
import Glibc

/// Files in directories that other users may write to.
package enum TrustedLink {
  /// Maximum number of consecutive links, as in the kernel.
  private static let maximumLinks = 40

  /// Opens the file at `path`. If it is a symbolic link, the link is followed only if root or this
  /// process's user created it: one planted by another user could lead to any file that this
  /// process may write.
  ///
  /// This concerns the file itself. The directories on the way to it are the administrator's
  /// choice.
  /// - Throws: `ELOOP` for another user's link.
  package static func open(
    _ path: String, _ flags: Int32, mode: UInt32
  ) throws(Errno) -> Descriptor {
    var path = path
    for _ in 0..<maximumLinks {
      do throws(Errno) {
        return try Descriptor(opening: path, flags | O_NOFOLLOW, mode: mode)
      } catch ELOOP {
        // A link, which is handled below.
      }
      let link: Descriptor
      do throws(Errno) {
        link = try Descriptor(opening: path, open_handle | O_NOFOLLOW)
      } catch ENOENT {
        continue
      }
      let facts = try link.facts()
      guard facts.st_mode & S_IFMT == S_IFLNK else { continue }
      guard facts.st_uid == 0 || facts.st_uid == geteuid() else { throw Errno(ELOOP) }
      // The kernel's own links, such as that behind /dev/stdout, lead to open files without a name.
      var system = statfs()
      let number = link.number
      if fstatfs(number, &system) == 0, system.f_type == procMagic {
        return try Descriptor(opening: path, flags, mode: mode)
      }
      // Read from the link that was examined: its name may refer to another one by now.
      let next = try target(of: link)
      path = next.utf8.first == slash ? next : directory(of: path) + next
    }
    throw Errno(ELOOP)
  }

  /// PROC_SUPER_MAGIC of linux/magic.h.
  private static let procMagic = 0x9FA0

  /// The byte that separates the components of a path. As a `Character` it would be missed if a
  /// combining mark follows, which the kernel treats as any other byte of a name.
  private static let slash = UInt8(ascii: "/")

  /// The directory part of a path, with the slash; empty if there is none.
  private static func directory(of path: String) -> String {
    path.utf8.lastIndex(of: slash).map { String(path[...$0]) } ?? ""
  }
}

/// The target of a symbolic link that was itself opened (`open_handle | O_NOFOLLOW`).
private func target(of link: borrowing Descriptor) throws(Errno) -> String {
  var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
  let (number, size) = (link.number, bytes.count)
  let count = try uninterrupted { readlinkat(number, "", &bytes, size) }
  return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
