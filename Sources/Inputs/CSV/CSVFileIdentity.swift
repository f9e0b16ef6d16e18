import Glibc

/// Device and inode: the same for all names of one file.
struct CSVFileIdentity: Equatable {
  var device: UInt64
  var inode: UInt64

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }

  /// The file that has this name now, with its size; nil with the reason in `errno`.
  static func named(_ path: String) -> (identity: CSVFileIdentity, bytes: Int)? {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    let identity = CSVFileIdentity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
    return (identity, Int(facts.st_size))
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
    guard length < CSVLimits.fingerprintBytes, offset <= length else { return }
    let fresh = bytes.dropFirst(length - offset).prefix(CSVLimits.fingerprintBytes - length)
    hash = fresh.reduce(hash) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    length += fresh.count
  }

  /// FNV-1a of `bytes`.
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(empty) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
