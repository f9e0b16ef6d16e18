import Glibc
import Series

/// What happens to the open file and to its name.
extension CSVInput {
  /// Whether the open file still holds what was read; if not, reading begins anew.
  func isIntact(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
    size = try file.size().bytes
    guard size != decoder.readOffset else { return true }
    if size > decoder.readOffset,
      try file.fingerprint(length: fingerprint.length) == fingerprint.hash
    {
      try extendFingerprint(file)
      return true
    }
    decoder.complaints.inform(
      "\(configuration.path): was truncated to \(size) bytes after \(decoder.readOffset) were "
        + "read, reading it from its beginning"
    )
    decoder.abandonTail(at: now)
    begin(file, at: now)
    size = (try? file.size().bytes) ?? 0
    return false
  }

  /// Makes the fingerprint cover what has been used up, until it is at its full length.
  func extendFingerprint(_ file: CSVFileHandle) throws(CSVFileError) {
    let length = min(decoder.offset, CSVLimits.fingerprintBytes)
    guard length > fingerprint.length, let hash = try file.fingerprint(length: length) else {
      return
    }
    fingerprint = CSVFingerprint(length: length, hash: hash)
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
    if let position = position(in: file), matches(position, successor) {
      // The same content under another inode: the file was rewritten as a whole.
      resume(position, in: successor, at: now)
      return true
    }
    guard !finish(at: now) else { return true }
    decoder.complaints.inform(
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
    if decoder.complaints.count(problem, at: now) { decoder.complaints.word(problem, text) }
  }
}
