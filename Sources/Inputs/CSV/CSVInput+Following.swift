import Glibc
import Series

/// What happens to the open file and to its name.
extension CSVInput {
  /// Whether the open file still begins with what was read. Asked after each read, so that bytes
  /// that were written over a truncated file are never taken for the continuation of the old ones.
  func isIntact(_ file: CSVFileHandle) throws(CSVFileError) -> Bool {
    try file.fingerprint(length: fingerprint.length) == fingerprint.hash
  }

  /// Begins the open file anew, as it was truncated.
  func startOver(_ file: CSVFileHandle, at now: Timestamp) {
    decoder.problems.inform(
      "\(configuration.path): was truncated after \(decoder.offset) bytes were read, reading it "
        + "from its beginning")
    begin(file, at: now)
  }

  /// At the end of the open file: goes over to the file that has its name now, once the old one
  /// is finished.
  /// - Returns: whether there is more to read.
  func followName(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
    let named = CSVFileIdentity.named(configuration.path)
    guard let named else {
      guard errno == ENOENT else { return false }
      complain(
        .vanished,
        "\(configuration.path): no such file any more, reading on what was opened before and "
          + "looking for a new one at each poll",
        at: now
      )
      guard try file.size().links == 0 else { return false }
      return finish(at: now)
    }
    guard named.identity != file.identity else { return false }
    let isQuiet = grewAt.map { now.elapsed(since: $0) >= CSVInput.rotationGrace } ?? true
    guard named.bytes > 0 || isQuiet else { return false }
    let successor: CSVFileHandle
    do throws(CSVFileError) {
      successor = try CSVFileHandle(path: configuration.path)
    } catch {
      complain(.cannotOpen, "\(error), trying again at each poll", at: now)
      return false
    }
    // A writer that has begun the new file has ended the old one: what is there now is all.
    if try file.size().bytes > decoder.readOffset { return true }
    let position = position(in: file)
    if matches(position, successor) {
      // The same content under another inode: the file was rewritten as a whole.
      resume(position, in: successor, at: now)
      return true
    }
    guard !finish(at: now) else { return true }
    decoder.problems.inform(
      "\(configuration.path): is a new file now, reading it from its beginning"
    )
    begin(successor, at: now)
    return true
  }

  /// Closes the open file for good.
  /// - Returns: true when that must wait, as lines lie ready that no layout could be taken from.
  func finish(at now: Timestamp) -> Bool {
    if decoder.layout == nil, !decoder.mustDecide {
      decoder.mustDecide = true
      return true
    }
    decoder.abandonTail(at: now)
    decoder.restart()
    file = nil
    return false
  }

  func complain(_ problem: CSVProblem, _ text: String, at now: Timestamp) {
    if decoder.problems.count(problem, at: now) { decoder.problems.word(problem, text) }
  }
}
