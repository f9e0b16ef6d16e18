import Formats
import Glibc
import System

/// The steps at the end of a file output, as earlier runs wrote them.
///
/// A step that could not be recorded before it was written (disk full) is produced again after a
/// kill, from the same samples. The file itself is then the only record of what has been written.
struct EarlierSteps {
  /// Hashes of the identity of each step: 64 bits, so that thousands of lines take little memory.
  private var hashes: Set<Int> = []

  /// Maximum number of bytes read at the end of the file and of the most recently rotated one. It
  /// covers as many lines as can wait in memory, unrecorded.
  static let limit = 4 << 20

  /// None.
  init() {}

  /// The steps in the file at `path` and, if that is short, in `path.1`; none if it cannot be read.
  init(at path: String, limit: Int = EarlierSteps.limit) {
    var left = limit
    for path in [path, path + ".1"] where left > 0 {
      left -= read(path, limit: left)
    }
  }

  /// Removes a step.
  /// - Parameter line: its JSON.
  /// - Returns: whether it was present.
  mutating func remove(_ line: String) -> Bool {
    guard !hashes.isEmpty, let hash = EarlierSteps.hash(Array(line.utf8)) else { return false }
    return hashes.remove(hash) != nil
  }

  /// - Returns: the number of bytes read.
  private mutating func read(_ path: String, limit: Int) -> Int {
    guard let file = try? TrustedLink.open(path, O_RDONLY | O_NONBLOCK, mode: 0),
      let facts = try? file.facts(), facts.st_mode & S_IFMT == S_IFREG
    else { return 0 }
    let size = Int(facts.st_size)
    let count = min(size, limit)
    guard let tail = try? file.readAll(at: size - count, count: count) else { return 0 }
    // The text after the last line break is not a complete line, nor is the first one if it was
    // cut.
    for line in tail.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      if let hash = EarlierSteps.hash(Array(line)) { hashes.insert(hash) }
    }
    return count
  }

  /// The identity of a step: its event or incident, the resulting state, and the time. The rest may
  /// differ when it is produced again: other inputs may have been read farther or less far. Nil if
  /// the line is not a step.
  private static func hash(_ line: [UInt8]) -> Int? {
    guard let step = try? EventPayload(line) else { return nil }
    var hasher = Hasher()
    hasher.combine(step.kind)
    hasher.combine(step.id)
    hasher.combine(step.state)
    hasher.combine(step.moment)
    return hasher.finalize()
  }
}
