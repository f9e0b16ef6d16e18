import System

/// A place in a file, told by which file it is and by the bytes around it.
///
/// The same identity with other bytes is another file: inodes are given out again, and files are
/// rewritten in place. The same bytes under another identity are a copy, as a rotation by copying
/// and truncating makes it.
struct CSVPlace: Equatable {
  /// The file.
  var identity: FileIdentity
  /// Its first bytes, as far as they were used up.
  var head = CSVFingerprint()
  /// The first byte that was not used up.
  var offset = 0
  /// The bytes before that, at most ``CSVLimits/tailBytes``.
  var tail: [UInt8] = []
  /// When the file was last changed, in nanoseconds since 1970, as far as was seen.
  var modified: Int64 = 0
  /// Whether the file was seen at the path itself, so that it is no copy.
  var isOriginal = false
  /// Whether there is a row before the place, and not a header alone.
  var hasRows = false

  /// Whether `file` has everything that was read up to the place.
  func hasContent(of file: CSVFileHandle) throws(CSVFileError) -> Bool {
    guard try file.bytes(in: offset - tail.count..<offset) == tail else { return false }
    return try head.matches(file)
  }

  /// Whether all of `file` was read before the place: whether it is a copy that was taken a little
  /// before the original was truncated, and lines came in between.
  func isBeyond(_ file: CSVFileHandle, bytes: Int) throws(CSVFileError) -> Bool {
    let overlap = bytes - (offset - tail.count)
    guard bytes > 0, bytes < offset, overlap >= min(bytes, CSVPlace.convincing) else {
      return false
    }
    return try file.bytes(in: bytes - overlap..<bytes) == Array(tail.prefix(overlap))
  }

  /// So many equal bytes are no accident.
  private static let convincing = 64
}

/// A rotated file that was read to its end, or was there before the first look.
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
