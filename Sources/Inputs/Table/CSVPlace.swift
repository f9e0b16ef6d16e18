import System

/// A position in a file, identified by the file and by the bytes around it.
///
/// The same identity with other bytes is a different file: inodes are reused, and files are
/// rewritten in place. The same bytes under another identity are a copy, as made by rotation that
/// copies and truncates.
struct CSVPlace: Equatable {
  /// The file.
  var identity: FileIdentity
  /// Fingerprint of its first bytes, as far as they were consumed.
  var head = CSVFingerprint()
  /// Offset of the first byte that was not consumed.
  var offset = 0
  /// The bytes before that, at most ``CSVLimits/tailBytes``.
  var tail: [UInt8] = []
  /// When the file was last modified, in nanoseconds since 1970, as far as known.
  var modified: Int64 = 0
  /// Whether the file was seen at the path itself, so that it is not a copy.
  var isOriginal = false
  /// Whether there is a row before the position, and not only a header.
  var hasRows = false

  /// Whether `file` contains everything that was read up to the position.
  func hasContent(of file: CSVFileHandle) throws(CSVFileError) -> Bool {
    guard try file.bytes(in: offset - tail.count..<offset) == tail else { return false }
    return try head.matches(file)
  }

  /// Whether all of `file` was read before the position: whether it is a copy taken shortly before
  /// the original was truncated, with lines written in between.
  func isBeyond(_ file: CSVFileHandle, bytes: Int) throws(CSVFileError) -> Bool {
    let overlap = bytes - (offset - tail.count)
    guard bytes > 0, bytes < offset, overlap >= min(bytes, CSVPlace.convincing) else {
      return false
    }
    return try file.bytes(in: bytes - overlap..<bytes) == Array(tail.prefix(overlap))
  }

  // This many equal bytes are no coincidence.
  private static let convincing = 64
}

/// A rotated file that was read to its end or predates the first look.
struct CSVMark: Equatable {
  var identity: FileIdentity
  var bytes: Int
  var modified: Int64

  init(_ facts: CSVFileFacts) {
    identity = facts.identity
    bytes = facts.bytes
    modified = facts.modified
  }

  init(identity: FileIdentity, bytes: Int, modified: Int64) {
    self.identity = identity
    self.bytes = bytes
    self.modified = modified
  }
}
