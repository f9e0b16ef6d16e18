/// What a parser could not understand in one reading of one file.
package struct Complaints: Equatable {
  /// One thing that was not understood.
  package enum Complaint: Equatable {
    /// A line is not what it should be.
    case malformed(line: Int, expected: String, found: String)
    /// A line that should be there is not.
    case missing(expected: String)
  }

  /// How many lines were malformed or missing.
  package private(set) var count = 0
  /// The first of them.
  package private(set) var first: Complaint?

  package init() {}

  /// Notes a line that is not what it should be.
  package mutating func malformed(line: Int, expected: String, found: UnsafeRawBufferPointer) {
    count += 1
    guard first == nil else { return }
    first = .malformed(line: line, expected: expected, found: Complaints.excerpt(of: found))
  }

  /// Notes a line that is not there.
  package mutating func missing(_ expected: String) {
    count += 1
    if first == nil { first = .missing(expected: expected) }
  }

  /// The first 60 bytes as printable ASCII, everything else as `?`.
  private static func excerpt(of bytes: UnsafeRawBufferPointer) -> String {
    let limit = 60
    var text = ""
    for byte in bytes.prefix(limit) {
      text.unicodeScalars.append((0x20...0x7E).contains(byte) ? Unicode.Scalar(byte) : "?")
    }
    return bytes.count > limit ? text + "..." : text
  }
}

/// Why a file gave nothing, or less than it should.
package enum ProcfsFault: Error, Equatable, CustomStringConvertible {
  /// It cannot be opened or read.
  case unreadable(file: String, errno: Int32)
  /// It has no bytes at all.
  case empty(file: String)
  /// It is longer than what is read of it.
  case tooLong(file: String, limitBytes: Int)
  /// Lines of it were not understood.
  case notUnderstood(file: String, Complaints.Complaint, count: Int)

  /// Place, what was expected, what was found, and what happens next.
  package var description: String {
    switch self {
    case .unreadable(let file, let errno):
      "\(file): expected a readable file, found \"\(errorText(errno))\"; its metrics pause, "
        + "it is tried again at every poll"
    case .empty(let file):
      "\(file): expected text, found nothing; its metrics pause, it is tried again at every poll"
    case .tooLong(let file, let limitBytes):
      "\(file): expected at most \(limitBytes) bytes, found more; the rest is not read"
    case .notUnderstood(let file, .malformed(let line, let expected, let found), let count):
      "\(file), line \(line): expected \(expected), found \"\(found)\"\(more(count)); "
        + "the line is left out, all others are used"
    case .notUnderstood(let file, .missing(let expected), let count):
      "\(file): expected \(expected), found none\(more(count)); its metrics pause, "
        + "all others go on"
    }
  }

  private func more(_ count: Int) -> String {
    count > 1 ? " (and \(count - 1) more like it)" : ""
  }
}
