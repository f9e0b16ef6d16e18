import Glibc
import Series

/// Small files of the state directory that are kept apart from checkpoints, because they must be
/// on the disk before a caller is told that they are.
///
/// The bytes are followed by their checksum, CRC-32C. A file is replaced as a whole.
extension StateDirectory {
  /// Replaces the content of a file; after this returns, neither a crash nor a power failure takes
  /// it away.
  /// - Throws: ``StoreError/system(operation:path:errno:)``; the old content is there then.
  public func save(_ bytes: [UInt8], as name: String) throws(StoreError) {
    let temporary = name + ".new"
    let path = path + "/" + temporary
    var writer = ByteWriter(capacity: bytes.count + 4)
    writer.write(raw: bytes)
    writer.write(CRC32C.checksum(of: bytes))
    // Not truncated but made anew: the name may be a link that someone else put there.
    unlinkat(directory.raw, temporary, 0)
    do throws(StoreError) {
      let file = try FileDescriptor(
        temporary, in: directory.raw, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, path: path)
      let written = writer.bytes.withUnsafeBytes { pointer in
        Result { () throws(StoreError) in try file.write(pointer, path: path) }
      }
      try written.get()
      guard fdatasync(file.raw) == 0 else {
        throw StoreError.system(operation: "fdatasync", path: path, errno: errno)
      }
      guard renameat(directory.raw, temporary, directory.raw, name) == 0 else {
        throw StoreError.system(operation: "rename", path: path, errno: errno)
      }
      guard fsync(directory.raw) == 0 else {
        throw StoreError.system(operation: "fsync", path: self.path, errno: errno)
      }
    } catch {
      unlinkat(directory.raw, temporary, 0)
      throw error
    }
  }

  /// The content of a file; nil where there is none.
  /// - Parameter maximumBytes: the most that it can have been.
  /// - Throws: ``StoreError/damaged(path:_:)`` where it is not as it was saved; it is then set aside
  ///   as `NAME.damaged`. ``StoreError/system(operation:path:errno:)`` where it cannot be read.
  public func load(_ name: String, maximumBytes: Int) throws(StoreError) -> [UInt8]? {
    let path = path + "/" + name
    let bytes: [UInt8]
    do throws(StoreError) {
      bytes = try content(name, path: path, atMost: maximumBytes + 5)
    } catch .system("open", _, ENOENT) {
      return nil
    }
    let content = Array(bytes.dropLast(4))
    var reader = ByteReader(Array(bytes.suffix(4)))
    let expected = (try? reader.readUInt32()) ?? 0
    let found = CRC32C.checksum(of: content)
    guard bytes.count >= 4, content.count <= maximumBytes, expected == found else {
      renameat(directory.raw, name, directory.raw, name + ".damaged")
      throw .damaged(
        path: path,
        .checksumMismatch(section: .payload, offset: 0, expected: expected, found: found))
    }
    return content
  }

  private func content(
    _ name: String, path: String, atMost count: Int
  ) throws(StoreError) -> [UInt8] {
    let file = try FileDescriptor(
      name, in: directory.raw, flags: O_RDONLY | O_NOFOLLOW, path: path)
    var bytes = [UInt8](repeating: 0, count: count)
    let read = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(StoreError) in try file.read(at: 0, into: buffer, path: path) }
    }
    bytes.removeSubrange(try read.get()...)
    return bytes
  }
}
