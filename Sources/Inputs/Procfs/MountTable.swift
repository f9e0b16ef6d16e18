/// A mounted filesystem whose usage can be read without blocking.
package struct Mount: Equatable {
  /// How suitable a filesystem is for monitoring.
  package enum Kind: Equatable {
    /// It stores data on a local device.
    case storage
    /// It is local, but in memory, read-only by nature, or an overlay: only on request.
    case onRequest
  }

  /// Where it is mounted, an absolute path.
  package var point: String
  /// How suitable it is for monitoring.
  package var kind: Kind
  /// The device, `8:1`.
  package var device: String
  /// Whether it is read-only: the filesystem as a whole, not this mount of it.
  package var isReadOnly: Bool
}

/// The lines of /proc/self/mountinfo. `man 5 proc_pid_mountinfo`.
///
/// Reading the usage of a filesystem can block forever if a server or another program answers.
/// So only types served by this kernel itself are accepted, and only if the path to them crosses
/// only such types: a local disk mounted below a network filesystem is left out.
package enum MountTable {
  /// The mounts that are safe to query, in file order; of several mounts of one filesystem with a
  /// device, the one with the shortest path. Mounts hidden by a later one are left out.
  package static func parse(
    _ bytes: UnsafeRawBufferPointer,
    _ complaints: inout Complaints
  ) -> [Mount] {
    var lines = TextLines(bytes)
    var entries: [Entry] = []
    var positions: [UInt64: Int] = [:]
    while let line = lines.next(&complaints) {
      guard let entry = Entry(line) else {
        complaints.malformed(
          line: lines.number,
          expected: "six fields of a mount, \" - \", type, source and options",
          found: line
        )
        continue
      }
      positions[entry.id] = entries.count
      entries.append(entry)
    }
    var result: [Mount] = []
    for (position, entry) in entries.enumerated() {
      guard let kind = kind(of: entry.type),
        isReachable(position, entries, positions), !isHidden(position, entries, positions)
      else { continue }
      let mount = Mount(
        point: entry.point, kind: kind, device: entry.device, isReadOnly: entry.isReadOnly)
      if let known = result.firstIndex(where: { $0.device == mount.device }) {
        if mount.point.utf8.count < result[known].point.utf8.count { result[known] = mount }
      } else {
        result.append(mount)
      }
    }
    return result
  }

  private static func kind(of type: String) -> Mount.Kind? {
    switch type {
    case "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs", "zfs", "jfs", "reiserfs",
      "nilfs2", "vfat", "msdos", "exfat", "ntfs3", "hfs", "hfsplus", "ubifs", "jffs2", "gfs2":
      .storage
    case "tmpfs", "overlay", "squashfs", "erofs", "iso9660", "udf", "cramfs", "romfs", "ramfs":
      .onRequest
    default: nil
    }
  }

  /// The maximum depth of stacked mounts.
  private static let maximumDepth = 64

  /// Whether no step of the path to a mount can block. A mount whose parent is not in the file is
  /// the start of the path.
  private static func isReachable(
    _ position: Int,
    _ entries: [Entry],
    _ positions: [UInt64: Int]
  ) -> Bool {
    var current = position
    for _ in 0..<maximumDepth {
      let type = entries[current].type
      guard kind(of: type) != nil || ["devtmpfs", "rootfs"].contains(type) else { return false }
      guard let parent = positions[entries[current].parent], parent != current else { return true }
      current = parent
    }
    return false
  }

  /// Whether a later mount, on the same path or above, hides this one.
  private static func isHidden(
    _ position: Int,
    _ entries: [Entry],
    _ positions: [UInt64: Int]
  ) -> Bool {
    let point = entries[position].point
    return entries[(position + 1)...].contains { later in
      guard contains(later.point, point) else { return false }
      return !isAncestor(later.id, of: position, entries, positions)
    }
  }

  private static func isAncestor(
    _ id: UInt64,
    of position: Int,
    _ entries: [Entry],
    _ positions: [UInt64: Int]
  ) -> Bool {
    var current = position
    for _ in 0..<maximumDepth {
      if entries[current].parent == id { return true }
      guard let parent = positions[entries[current].parent], parent != current else { return false }
      current = parent
    }
    return false
  }

  /// Whether `path` is `directory` or lies below it, by bytes as the kernel compares them: a name may
  /// begin with a combining mark, which would be one `Character` with the slash before it.
  private static func contains(_ directory: String, _ path: String) -> Bool {
    directory == "/" || (path + "/").utf8.starts(with: (directory + "/").utf8)
  }

  private struct Entry {
    var id: UInt64
    var parent: UInt64
    var device: String
    var point: String
    var type: String
    var isReadOnly: Bool

    init?(_ line: UnsafeRawBufferPointer) {
      var fields = TextFields(line)
      guard let id = fields.unsigned(), let parent = fields.unsigned(),
        let device = fields.next(), device.contains(UInt8(ascii: ":")), fields.next() != nil,
        let point = fields.next(), point.first == UInt8(ascii: "/"), fields.next() != nil
      else { return nil }
      while true {
        guard let field = fields.next() else { return nil }
        if field.equals("-") { break }
      }
      guard let type = fields.next(), fields.next() != nil, let options = fields.next() else {
        return nil
      }
      self.id = id
      self.parent = parent
      self.device = String(decoding: device, as: UTF8.self)
      self.point = Entry.unescaped(point)
      self.type = String(decoding: type, as: UTF8.self)
      isReadOnly = options.equals("ro") || options.starts(with: "ro,")
    }

    /// Blanks, newlines and backslashes are escaped as `\040` and the like.
    private static func unescaped(_ field: UnsafeRawBufferPointer) -> String {
      var bytes: [UInt8] = []
      var index = 0
      while index < field.count {
        if field[index] == UInt8(ascii: "\\"), index + 3 < field.count,
          let code = octal(field[(index + 1)...(index + 3)])
        {
          bytes.append(code)
          index += 4
        } else {
          bytes.append(field[index])
          index += 1
        }
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    private static func octal(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt8? {
      var value = 0
      for digit in digits {
        guard (0x30...0x37).contains(digit) else { return nil }
        value = value * 8 + Int(digit - 0x30)
      }
      return UInt8(exactly: value)
    }
  }
}
