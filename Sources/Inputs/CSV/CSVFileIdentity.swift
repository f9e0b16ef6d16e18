import Glibc
import System

/// What the system knows of a file.
struct CSVFileFacts: Equatable {
  var identity: FileIdentity
  /// Its size.
  var bytes: Int
  /// How many names it has.
  var links: Int
  /// When its bytes were last changed, in nanoseconds since 1970.
  var modified: Int64
  /// When anything about it was last changed.
  var changed: Int64
  /// Whether it is a file as programs write them, and no directory or the like.
  var isRegular: Bool

  init(_ facts: stat) {
    identity = FileIdentity(facts)
    bytes = Int(facts.st_size)
    links = Int(facts.st_nlink)
    modified = CSVFileFacts.nanoseconds(facts.st_mtim)
    changed = CSVFileFacts.nanoseconds(facts.st_ctim)
    isRegular = facts.st_mode & S_IFMT == S_IFREG
  }

  /// The file that has this name now; nil with the reason in `errno`.
  static func named(_ path: String) -> CSVFileFacts? {
    var facts = stat()
    return stat(path, &facts) == 0 ? CSVFileFacts(facts) : nil
  }

  /// Wraps far from our time, where it only has to differ.
  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

/// A hash of the first bytes of a file, to tell it from another with the same inode.
struct CSVFingerprint: Equatable {
  /// The hash of no bytes (FNV-1a, 64 bits).
  static let empty: UInt64 = 0xCBF2_9CE4_8422_2325

  /// How many bytes it covers.
  var length = 0
  /// Their hash.
  var hash = empty

  /// Takes in bytes as they were read at `offset`, as far as they follow what it covers.
  mutating func extend(with bytes: ArraySlice<UInt8>, at offset: Int) {
    guard length < CSVLimits.fingerprintBytes, offset <= length, offset + bytes.count > length
    else { return }
    let fresh = bytes.dropFirst(length - offset).prefix(CSVLimits.fingerprintBytes - length)
    hash = fresh.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    length += fresh.count
  }

  /// Whether a file begins with the bytes that it covers.
  func matches(_ file: CSVFileHandle) throws(CSVFileError) -> Bool {
    let head = try file.bytes(in: 0..<length)
    return head.count == length && CSVFingerprint.hash(head) == hash
  }

  /// FNV-1a of `bytes`.
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(empty) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
