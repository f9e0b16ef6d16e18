import Glibc
import Series
import System

/// Which file is read first, and from which offset.
extension CSVFollower {
  func openFile(at now: Timestamp, begins: TableSection.Start) {
    if let saved {
      resumeSaved(saved, at: now)
      return
    }
    // While files are being renamed, the next poll tries again.
    guard let siblings = CSVSiblings.around(path, wanted: nil) else { return }
    let old = siblings.files.filter { entry in
      followsSince.map { entry.facts.modified < $0.nanoseconds } ?? true
    }
    marks = old.suffix(CSVLimits.marks).map { CSVMark($0.facts) }
    let unread = siblings.files.dropFirst(old.count)
    do throws(CSVFileError) {
      if let first = unread.first {
        begin(try open(first, at: now), at: now)
        return
      }
      let opened = try openText()
      decoder.problems.summarize(.vanished)
      decoder.problems.summarize(.cannotOpen)
      decoder.problems.summarize(.cannotRead)
      if begins == .end {
        beginAtEnd(of: opened, at: now)
      } else {
        begin(opened, at: now)
      }
    } catch .isChanging {
      return
    } catch {
      reportFailure(error, at: now)
    }
  }

  /// Opens the file at the path, to be read from its beginning.
  private func openText() throws(CSVFileError) -> CSVFileHandle {
    let opened = try CSVFileHandle(path: path)
    if let compression = try CSVCompression(of: opened) {
      throw .isCompressed(path: path, by: compression.rawValue)
    }
    return opened
  }

  func reportFailure(_ error: CSVFileError, at now: Timestamp) {
    if case .cannotOpen(_, ENOENT) = error {
      isGone = isMatched
      if !isMatched {
        complain(.vanished, "\(path): no such file, looking for it at each poll", at: now)
      }
    } else {
      complain(.cannotOpen, "\(error), trying again at each poll", at: now)
    }
  }

  /// Resumes where the last run stopped: in the file at the path, in the file that has since been
  /// rotated away, or in a copy of it; otherwise at the oldest file that is newer.
  private func resumeSaved(_ position: CSVPosition, at now: Timestamp) {
    do throws(CSVFileError) {
      if let named = CSVFileFacts.named(path), named.identity == position.place.identity {
        let opened = try CSVFileHandle(path: path)
        if opened.identity == position.place.identity, try position.place.hasContent(of: opened) {
          resume(position, in: opened, at: now)
          return
        }
      }
      // While files are being renamed, the next poll tries again.
      guard let siblings = CSVSiblings.around(path, wanted: position.place.identity) else { return }
      marks = position.marks
      var old = try renamed(position.place, siblings, at: now)
      if old == nil { old = try copied(position.place, siblings, at: now) }
      if let old {
        resume(position, in: old, at: now)
        return
      }
      reportCompressed(position.place, siblings, at: now)
      try beginNext(after: position, siblings, at: now)
    } catch .isChanging {
      return
    } catch {
      reportFailure(error, at: now)
    }
  }

  private func beginNext(
    after position: CSVPosition, _ siblings: CSVSiblings, at now: Timestamp
  ) throws(CSVFileError) {
    let unread = unread(siblings, since: position.place)
    if unread.isEmpty {
      let opened = try CSVFileHandle(path: path)
      // The same bytes elsewhere: a restored backup, or a file that was rewritten as a whole.
      if position.place.offset > 0, try position.place.hasContent(of: opened) {
        resume(position, in: opened, at: now)
        return
      }
    }
    decoder.problems.inform(
      "\(path): not the file that was read before, reading "
        + (unread.isEmpty ? "it from its beginning" : "\(unread.count) rotated files before it")
    )
    // It may lack a header, as after a truncation; then its columns keep their names.
    if position.signature == signature { decoder.inherited = position.layout }
    decoder.order.last = unread.isEmpty ? nil : position.lastTimestamp
    if let first = unread.first {
      begin(try open(first, at: now), at: now)
    } else {
      begin(try openText(), at: now)
    }
    decoder.problems.summarize(.vanished)
  }

  /// Resumes at a position; the configuration may have changed since it was stored.
  func resume(_ position: CSVPosition, in opened: CSVFileHandle, at now: Timestamp) {
    var layout = position.layout
    // Nothing was consumed at offset 0: the file is detected as usual, and may use the names of the
    // one before, which its first lines alone do not show.
    if position.signature != signature || (layout == nil && position.place.offset > 0) {
      let head = try? decoderOfHead(opened)
      layout = head?.layout ?? nil
      if layout == nil, position.place.offset > 0 {
        // A header whose rows could not be read yet was consumed.
        guard position.signature == signature, let head else {
          begin(opened, at: now)
          return
        }
        decoder.keptHeader = head.keptHeader
        decoder.declaredDelimiter = head.declaredDelimiter
        decoder.isUTF16 = head.isUTF16
      }
    }
    file = opened
    saved = nil
    marks = position.marks
    head = position.place.head
    facts = nil
    modified = position.place.modified
    isOriginal = position.place.isOriginal && opened.identity == position.place.identity
    size = position.place.offset
    grewAt = now
    hasRows = position.place.hasRows
    decoder.order.last = position.lastTimestamp
    decoder.clock.start = position.relativeStart
    decoder.resume(
      layout,
      offset: position.place.offset,
      line: position.line,
      isSkipping: position.isSkipping,
      tail: position.place.tail
    )
    decoder.problems.summarize(.vanished)
    decoder.problems.summarize(.cannotOpen)
    decoder.problems.summarize(.cannotRead)
  }

  /// Begins a file at its first byte.
  func begin(_ opened: CSVFileHandle, at now: Timestamp) {
    file = opened
    saved = nil
    head = CSVFingerprint()
    facts = nil
    size = 0
    grewAt = now
    hasRows = false
    isOriginal = false
    decoder.restart()
    noteEnd(of: opened)
  }

  /// Examines the last lines, in case times are relative. Errors in reading them show when the
  /// others are read.
  private func noteEnd(of opened: CSVFileHandle) {
    guard let facts = try? opened.facts(),
      let end = try? opened.bytes(
        in: max(0, facts.bytes - CSVLimits.newestBytes)..<max(0, facts.bytes))
    else { return }
    decoder.fileEnd = CSVFileEnd(
      bytes: end, modified: Timestamp(nanoseconds: facts.modified))
  }

  /// Takes the layout from the file's first lines and continues after its last byte. If there are
  /// too few lines to detect a layout, it starts at the beginning: little is read twice then.
  private func beginAtEnd(of opened: CSVFileHandle, at now: Timestamp) {
    begin(opened, at: now)
    do throws(CSVFileError) {
      let bytes = try opened.facts().bytes
      guard let layout = try decoderOfHead(opened).layout, bytes > 0 else { return }
      let tail = try opened.bytes(in: max(0, bytes - CSVLimits.tailBytes)..<bytes)
      let first = try opened.bytes(in: 0..<min(bytes, CSVLimits.fingerprintBytes))
      decoder.resume(
        layout, offset: bytes, line: nil, isSkipping: tail.last != layout.lineEnd, tail: tail)
      hasRows = true
      head = CSVFingerprint(length: first.count, hash: CSVFingerprint.hash(first))
      size = bytes
    } catch {
      complain(.cannotRead, "\(error), trying again at each poll", at: now)
    }
  }

  /// A decoder after the first lines of a file, with its layout unless detection failed.
  private func decoderOfHead(_ file: CSVFileHandle) throws(CSVFileError) -> CSVDecoder {
    var decoder = CSVDecoder(path: path, table: table)
    var scratch = CSVScratch()
    decoder.attach(&scratch)
    while let count = try decoder.fill(from: file, limit: CSVLimits.lineBytes), count > 0,
      decoder.layout == nil
    {
      _ = decoder.next(now: Timestamp(nanoseconds: 0))
      guard decoder.buffer.readOffset < 2 * CSVLimits.lineBytes else { break }
    }
    return decoder
  }
}
