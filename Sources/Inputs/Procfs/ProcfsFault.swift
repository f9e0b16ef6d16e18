package import System

/// Why a file yielded nothing, or less than it should.
package enum ProcfsFault: Error, Equatable, CustomStringConvertible {
  /// It cannot be opened or read.
  case unreadable(file: String, errno: Errno)
  /// It is empty.
  case empty(file: String)
  /// It is longer than the read limit.
  case tooLong(file: String, limitBytes: Int)
  /// Some of its lines were malformed.
  case notUnderstood(file: String, Complaints.Complaint, count: Int)

  /// Location, what was expected, what was found, and what happens next.
  package var description: String {
    switch self {
    case .unreadable(let file, let errno):
      "\(file): expected a readable file, found \"\(errno)\"; its metrics pause, "
        + "retrying at every poll"
    case .empty(let file):
      "\(file): expected text, found nothing; its metrics pause, retrying at every poll"
    case .tooLong(let file, let limitBytes):
      "\(file): expected at most \(limitBytes) bytes, found more; the rest is not read"
    case .notUnderstood(let file, .malformed(let line, let expected, let found), let count):
      "\(file), line \(line): expected \(expected), found \"\(found)\"\(more(count)); "
        + "the line is skipped, all others are used"
    case .notUnderstood(let file, .missing(let expected), let count):
      "\(file): expected \(expected), found none\(more(count)); its metrics pause, "
        + "all others continue"
    }
  }

  private func more(_ count: Int) -> String {
    count > 1 ? " (and \(count - 1) more like it)" : ""
  }
}
