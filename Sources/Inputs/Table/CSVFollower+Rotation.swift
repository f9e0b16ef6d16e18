import Glibc
import Series
import System

/// Moving from one file to the next, oldest first.
///
/// Files are identified by device and inode, and copies by the bytes around the read position. Of
/// the rotated files beside the path, those newer than the open one are unread; if the open one is
/// not among them, those newer than the newest of ``marks``; and if those are gone too, those
/// modified later than the last bytes read.
extension CSVFollower {
  // MARK: At the end of the open file

  /// Moves on to the next file, if there is one and the open one is finished.
  /// - Returns: whether there is more to read.
  func followName(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
    let named = CSVFileFacts.named(path)
    let reason = errno
    if let named, named.identity == file.identity {
      isOriginal = true
      return false
    }
    guard named != nil || reason == ENOENT else { return false }
    guard let siblings = CSVSiblings.around(path, wanted: file.identity) else { return true }
    guard let place else { return false }
    let index = siblings.files.firstIndex { $0.facts.identity == file.identity }
    let newer = index.map { siblings.files[($0 + 1)...].filter { !isMarked($0) } }
    let unread = newer ?? unread(siblings, since: place)
    if let next = unread.first {
      let opened = try open(next, at: now)
      guard try finish(file, at: now) else { return true }
      begin(opened, at: now)
      return true
    }
    guard let current = siblings.current else { return try outliveName(file, at: now) }
    guard current.identity != file.identity else { return true }
    // Empty, it may have been created before the writer switches to it.
    guard current.bytes > 0 || isQuiet(for: CSVFollower.rotationGrace, at: now) else {
      return false
    }
    return try takeOver(file, by: current.identity, place, isReplaced: index == nil, at: now)
  }

  /// Called when bytes of a file were read without any row having been read: whether it is the next
  /// file. It is not if it was copied and truncated before; from its first row on its bytes decide.
  func isNext(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
    guard let place, let siblings = CSVSiblings.around(path, wanted: nil) else {
      decoder.rewind()
      return false
    }
    let older = unread(siblings, since: place).prefix { $0.facts.identity != file.identity }
    guard let first = older.first else { return true }
    decoder.rewind()
    begin(try open(first, at: now), at: now)
    return false
  }

  /// Switches to the file that is now at the path.
  private func takeOver(
    _ file: CSVFileHandle, by identity: FileIdentity, _ place: CSVPlace, isReplaced: Bool,
    at now: Timestamp
  ) throws(CSVFileError) -> Bool {
    let successor: CSVFileHandle
    do throws(CSVFileError) {
      successor = try CSVFileHandle(path: path)
    } catch {
      // Rotated again since the directory was listed.
      if case .cannotOpen(_, ENOENT) = error { return true }
      complain(.cannotOpen, "\(error), trying again at each poll", at: now)
      return false
    }
    // Rotated again since the directory was listed.
    guard successor.identity == identity else { return true }
    if isReplaced || !isOriginal, place.offset > 0, try place.hasContent(of: successor),
      let position
    {
      // The same content under another inode: either the file was rewritten completely, or the file
      // that was read is a copy made just before truncation.
      resume(position, in: successor, at: now)
      return true
    }
    guard try finish(file, at: now) else { return true }
    decoder.problems.summarize(.vanished)
    decoder.problems.inform("\(path): is a new file now, reading it from its beginning")
    begin(successor, at: now)
    isOriginal = true
    return true
  }

  /// No file is at the path, and there is no newer rotated one.
  private func outliveName(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
    if !isMatched {
      complain(
        .vanished,
        "\(path): no such file any more, reading on what was opened before and "
          + "looking for a new one at each poll",
        at: now
      )
    }
    let facts = try file.facts()
    let isOver = isMatched && isQuiet(for: CSVFollower.vanishedGrace, at: now)
    guard facts.links == 0 || isOver else { return false }
    let end = position
    guard try finish(file, at: now) else { return true }
    saved = end
    isGone = isMatched
    return false
  }

  private func isQuiet(for grace: Duration, at now: Timestamp) -> Bool {
    grewAt.map { now.elapsed(since: $0) >= grace } ?? true
  }

  /// Closes the open file for good. A writer that has started a newer file has finished this one:
  /// its current content is final.
  /// - Returns: false if that must wait, because there is more to read or lines are pending from
  ///   which no layout could be detected.
  private func finish(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
    let end = try file.facts()
    guard end.bytes <= decoder.readOffset else { return false }
    if decoder.layout == nil, !decoder.mustDecide {
      decoder.mustDecide = true
      return false
    }
    decoder.abandonTail(at: now)
    if let place {
      departures = departures.suffix(CSVLimits.marks - 1) + [place]
    }
    remember(CSVMark(end))
    decoder.restart()
    self.file = nil
    return true
  }

  private func remember(_ mark: CSVMark) {
    marks = marks.filter { $0.identity != mark.identity }.suffix(CSVLimits.marks - 1) + [mark]
  }

  // MARK: Truncation

  /// The open file no longer contains the bytes that were read: resumes in the copy that was made
  /// of it, or otherwise at the oldest newer copy, or at its beginning.
  func followTruncation(
    _ file: CSVFileHandle, at now: Timestamp
  ) throws(CSVFileError) -> PollOutcome {
    guard let place else { return .drained }
    guard let siblings = CSVSiblings.around(path, wanted: nil) else {
      // Noticed again at the next poll.
      facts = nil
      return .moreReady
    }
    if siblings.current?.identity == file.identity {
      if let copy = try copied(place, siblings, at: now), let position {
        resume(position, in: copy, at: now)
        return .moreReady
      }
      var unread = unread(siblings, since: place)
      if let first = unread.first,
        try place.isBeyond(try open(first, at: now), bytes: first.facts.bytes)
      {
        remember(CSVMark(first.facts))
        unread.removeFirst()
      } else {
        reportCompressed(place, siblings, at: now)
      }
      if let first = unread.first {
        let opened = try open(first, at: now)
        decoder.abandonTail(at: now)
        begin(opened, at: now)
        return .moreReady
      }
    }
    decoder.abandonTail(at: now)
    decoder.problems.inform(
      "\(path): was truncated after \(decoder.offset) bytes were read, reading it "
        + "from its beginning")
    begin(file, at: now)
    return .moreReady
  }

  // MARK: Rotated files

  /// The file of a position under another name, where rotation leaves it.
  func renamed(
    _ place: CSVPlace, _ siblings: CSVSiblings, at now: Timestamp
  ) throws(CSVFileError) -> CSVFileHandle? {
    let entries = siblings.files + (siblings.stray.map { [$0] } ?? [])
    guard let entry = entries.first(where: { $0.facts.identity == place.identity }) else {
      return nil
    }
    let opened = try open(entry, at: now)
    return try place.hasContent(of: opened) ? opened : nil
  }

  /// The oldest unread copy of the file of a position.
  func copied(
    _ place: CSVPlace, _ siblings: CSVSiblings, at now: Timestamp
  ) throws(CSVFileError) -> CSVFileHandle? {
    for entry in unread(siblings, since: place) where entry.facts.bytes >= place.offset {
      let opened = try open(entry, at: now)
      if try place.hasContent(of: opened) { return opened }
    }
    return nil
  }

  /// The rotated files newer than the last bytes read, oldest first.
  func unread(_ siblings: CSVSiblings, since place: CSVPlace) -> [CSVSiblings.Entry] {
    if let last = siblings.files.lastIndex(where: isMarked) {
      return Array(siblings.files[(last + 1)...])
    }
    if marks.isEmpty { return siblings.files }
    return siblings.files.filter { $0.facts.modified >= place.modified }
  }

  private func isMarked(_ entry: CSVSiblings.Entry) -> Bool { marks.contains(CSVMark(entry.facts)) }

  /// Opens a rotated file. One that cannot be opened is reported and skipped from then on.
  /// - Throws: ``CSVFileError/isChanging`` if files are being renamed right now.
  func open(_ entry: CSVSiblings.Entry, at now: Timestamp) throws(CSVFileError) -> CSVFileHandle {
    let path = CSVSiblings.parts(of: path).directory + entry.name
    do throws(CSVFileError) {
      let opened = try CSVFileHandle(path: path)
      guard opened.identity == entry.facts.identity else { throw CSVFileError.isChanging }
      return opened
    } catch {
      switch error {
      case .cannotOpen(_, ENOENT): throw .isChanging
      case .cannotOpen(_, EACCES), .cannotOpen(_, EPERM), .notRegular:
        remember(CSVMark(entry.facts))
        complain(.cannotOpen, "\(error); its rows are left out", at: now)
        throw .isChanging
      default: throw error
      }
    }
  }

  /// Reports rows that may be in files that were compressed before they were read.
  func reportCompressed(_ place: CSVPlace, _ siblings: CSVSiblings, at now: Timestamp) {
    let newer = siblings.compressed.filter { $0.facts.modified >= place.modified }
    guard let first = newer.first else { return }
    complain(
      .compressed,
      "\(CSVSiblings.parts(of: path).directory)\(first.name): was compressed before \(path) was "
        + "read to its end; rows in it may be missing, continuing with the next file",
      at: now
    )
  }
}
