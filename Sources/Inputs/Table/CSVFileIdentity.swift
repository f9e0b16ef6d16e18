import CSystemd
import Glibc
import System

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

  /// The file that has this name now; nil with the reason in `errno`.
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
