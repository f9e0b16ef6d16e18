import CSystemd
import Glibc
import System

/// An open regular file.
final class CSVFileHandle: CSVByteSource {
  /// Which file it is, regardless of its name.
  let identity: FileIdentity
  let descriptor: Descriptor
  private let path: String

  /// Opens a file for reading. Never blocks: anything but a regular file is refused before it is
  /// opened, as opening a FIFO would already wake its writer.
  /// - Throws: ``CSVFileError/cannotOpen(path:errno:)``, ``CSVFileError/notRegular(path:found:)`` or
  ///   ``CSVFileError/noDescriptor(path:_:)``.
  init(path: String) throws(CSVFileError) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw .cannotOpen(path: path, errno: .last) }
    if let kind = CSVFileHandle.irregularKind(facts.st_mode) {
      throw .notRegular(path: path, found: kind)
    }
    do throws(Errno) {
      descriptor = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
      // It may have been replaced between the two calls.
      facts = try descriptor.facts()
    } catch {
      throw .cannotOpen(path: path, errno: error)
    }
    self.path = path
    identity = FileIdentity(facts)
    let limit = DescriptorLimit.current
    guard descriptor.number < limit.forFiles else { throw .noDescriptor(path: path, limit) }
    if let kind = CSVFileHandle.irregularKind(facts.st_mode) {
      throw .notRegular(path: path, found: kind)
    }
  }

  /// Its current status.
  func facts() throws(CSVFileError) -> CSVFileFacts {
    do throws(Errno) {
      return CSVFileFacts(try descriptor.facts())
    } catch {
      throw .cannotRead(path: path, errno: error)
    }
  }

  func read(
    into target: UnsafeMutableRawBufferPointer, at offset: Int, after known: UnsafeRawBufferPointer
  ) throws(CSVFileError) -> Int? {
    let number = descriptor.number
    do throws(Errno) {
      // Both in one call, so that nothing can happen between them.
      return try withUnsafeTemporaryAllocation(byteCount: max(1, known.count), alignment: 1) {
        (again) throws(Errno) -> Int? in
        var parts = [
          iovec(iov_base: again.baseAddress, iov_len: known.count),
          iovec(iov_base: target.baseAddress, iov_len: target.count),
        ]
        let count = try uninterrupted { preadv(number, &parts, 2, off_t(offset - known.count)) }
        guard count >= known.count,
          known.isEmpty || memcmp(again.baseAddress!, known.baseAddress!, known.count) == 0
        else { return nil }
        return count - known.count
      }
    } catch {
      throw .cannotRead(path: path, errno: error)
    }
  }

  /// The bytes of `range`, fewer at the end of the file.
  func bytes(in range: Range<Int>) throws(CSVFileError) -> [UInt8] {
    do throws(Errno) {
      return try descriptor.readAll(at: range.lowerBound, count: range.count)
    } catch {
      throw .cannotRead(path: path, errno: error)
    }
  }

  /// The offset of the first byte from `offset` on that is not in a hole; the end of the file if
  /// there is none, `offset` if the file system does not know.
  func nextData(from offset: Int) throws(CSVFileError) -> Int {
    let next = seek_data(descriptor.number, off_t(offset))
    if next >= 0 { return Int(next) }
    return errno == ENXIO ? max(offset, try facts().bytes) : offset
  }

  private static func irregularKind(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a FIFO"
    case S_IFSOCK: "a socket"
    case S_IFCHR: "a character device"
    case S_IFBLK: "a block device"
    default: "something else"
    }
  }
}

/// The status of a file.
struct CSVFileFacts: Equatable {
  var identity: FileIdentity
  /// Its size.
  var bytes: Int
  /// Its number of links.
  var links: Int
  /// When its contents last changed, in nanoseconds since 1970.
  var modified: Int64
  /// When its inode last changed.
  var changed: Int64
  /// Whether it is a regular file.
  var isRegular: Bool

  init(_ facts: stat) {
    identity = FileIdentity(facts)
    bytes = Int(facts.st_size)
    links = Int(facts.st_nlink)
    modified = CSVFileFacts.nanoseconds(facts.st_mtim)
    changed = CSVFileFacts.nanoseconds(facts.st_ctim)
    isRegular = facts.st_mode & S_IFMT == S_IFREG
  }

  /// The file with this name now; nil with the reason in `errno`.
  static func named(_ path: String) -> CSVFileFacts? {
    var facts = stat()
    return stat(path, &facts) == 0 ? CSVFileFacts(facts) : nil
  }

  /// Wraps far from the present, where it only has to differ.
  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

/// A hash of the first bytes of a file, to distinguish it from another with the same inode.
struct CSVFingerprint: Equatable {
  /// The hash of no bytes (FNV-1a, 64 bits).
  static let empty: UInt64 = 0xCBF2_9CE4_8422_2325

  /// How many bytes it covers.
  var length = 0
  /// Their hash.
  var hash = empty

  /// Adds bytes read at `offset`, as far as they follow what is covered.
  mutating func extend(with bytes: ArraySlice<UInt8>, at offset: Int) {
    guard length < CSVLimits.fingerprintBytes, offset <= length, offset + bytes.count > length
    else { return }
    let fresh = bytes.dropFirst(length - offset).prefix(CSVLimits.fingerprintBytes - length)
    hash = fresh.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    length += fresh.count
  }

  /// Whether a file begins with the covered bytes.
  func matches(_ file: CSVFileHandle) throws(CSVFileError) -> Bool {
    let head = try file.bytes(in: 0..<length)
    return head.count == length && CSVFingerprint.hash(head) == hash
  }

  /// FNV-1a of `bytes`.
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(empty) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
