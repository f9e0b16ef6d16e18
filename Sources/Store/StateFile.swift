import Glibc
import Series
public import System

/// Small files of the state directory beside the checkpoints: what must be on the disk before a caller
/// gets an answer.
///
/// The bytes are followed by their checksum, CRC-32C. A file is replaced as a whole.
extension StateDirectory {
  /// Replaces the content of a file; when this returns, neither a crash nor a power failure undoes
  /// it.
  /// - Throws: ``FileError``; the old content is there then.
  public func save(_ bytes: [UInt8], as name: String) throws(FileError) {
    var writer = ByteWriter(capacity: bytes.count + 4)
    writer.write(raw: bytes)
    writer.write(CRC32C.checksum(of: bytes))
    try directory.replaceFile(name, with: writer.bytes.span.bytes)
  }

  /// The content of a file; nil where there is none.
  /// - Parameter maximumBytes: the most that it can have been.
  /// - Throws: ``StoreError/damaged(path:_:)`` where it is not what was saved; it is then renamed to
  ///   `NAME.damaged`. ``StoreError/system(_:)`` where it cannot be read.
  public func load(_ name: String, maximumBytes: Int) throws(StoreError) -> [UInt8]? {
    guard let bytes = try content(name, atMost: maximumBytes + 5) else { return nil }
    let content = Array(bytes.dropLast(4))
    var reader = ByteReader(Array(bytes.suffix(4)))
    let expected = (try? reader.readUInt32()) ?? 0
    let found = CRC32C.checksum(of: content)
    guard bytes.count >= 4, content.count <= maximumBytes, expected == found else {
      try? directory.rename(name, to: name + ".damaged")
      throw .damaged(
        path: directory.path(of: name),
        .checksumMismatch(section: .payload, offset: 0, expected: expected, found: found))
    }
    return content
  }

  private func content(_ name: String, atMost count: Int) throws(StoreError) -> [UInt8]? {
    do throws(FileError) {
      let file = try directory.open(name, O_RDONLY | O_NOFOLLOW)
      return try attempt("read", directory.path(of: name), try file.readAll(at: 0, count: count))
    } catch {
      if error.isMissingFile { return nil }
      throw .system(error)
    }
  }
}
