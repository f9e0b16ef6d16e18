import Glibc
import Series

/// Which file is read, and from where on.
extension CSVInput {
  func openFile(at now: Timestamp) {
    let path = configuration.path
    let opened: CSVFileHandle
    do throws(CSVFileError) {
      opened = try CSVFileHandle(path: path)
    } catch {
      // The file may have been renamed, and the new one not yet be there.
      if configuration.start == .saved, let saved, let old = renamedFile(of: saved) {
        resume(saved, in: old, at: now)
        return
      }
      if case .cannotOpen(_, ENOENT) = error {
        complain(.vanished, "\(path): no such file, looking for it at each poll", at: now)
      } else {
        complain(.cannotOpen, "\(error), trying again at each poll", at: now)
      }
      return
    }
    if !hasStarted, configuration.start == .end {
      beginAtEnd(of: opened, at: now)
    } else if let saved, hasStarted || configuration.start == .saved {
      if matches(saved, opened) {
        resume(saved, in: opened, at: now)
      } else if let old = renamedFile(of: saved) {
        resume(saved, in: old, at: now)
      } else {
        decoder.problems.inform(
          "\(path): not the file that was read before, reading it from its beginning"
        )
        // It may lack a header, as after a truncation; then its columns keep their names.
        if saved.signature == signature { decoder.inherited = saved.layout }
        decoder.lastTimestamp = nil
        begin(opened, at: now)
      }
    } else {
      begin(opened, at: now)
    }
    decoder.problems.summarize(.vanished)
    decoder.problems.summarize(.cannotOpen)
    decoder.problems.summarize(.cannotRead)
  }

  func begin(_ opened: CSVFileHandle, at now: Timestamp) {
    file = opened
    saved = nil
    fingerprint = CSVFingerprint()
    size = 0
    grewAt = now
    decoder.restart()
  }

  /// Takes the layout from the file's first lines and goes on after its last byte. With too few
  /// lines to tell, that is at the beginning, for then there is next to nothing to leave out.
  func beginAtEnd(of opened: CSVFileHandle, at now: Timestamp) {
    begin(opened, at: now)
    do throws(CSVFileError) {
      let bytes = try opened.size().bytes
      guard let layout = try layoutOfHead(opened), bytes > 0 else { return }
      let endsInNewline = try opened.byte(at: bytes - 1) == 0x0A
      decoder.resume(layout, offset: bytes, line: nil, isSkipping: !endsInNewline)
      let length = min(bytes, CSVLimits.fingerprintBytes)
      guard let hash = try opened.fingerprint(length: length) else { return }
      fingerprint = CSVFingerprint(length: length, hash: hash)
    } catch {
      complain(.cannotRead, "\(error), trying again at each poll", at: now)
    }
  }

  /// The layout as the first lines of a file tell it; nil when they do not.
  func layoutOfHead(_ file: CSVFileHandle) throws(CSVFileError) -> CSVLayout? {
    var head = CSVDecoder(configuration: configuration)
    while try head.fill(from: file, limit: CSVLimits.lineBytes) > 0, head.layout == nil {
      _ = head.next(now: Timestamp(nanoseconds: 0))
      guard head.readOffset < 2 * CSVLimits.lineBytes else { break }
    }
    return head.layout
  }

  func resume(_ position: CSVPosition, in opened: CSVFileHandle, at now: Timestamp) {
    var layout = position.layout
    if position.signature != signature {
      layout = (try? layoutOfHead(opened)) ?? nil
      if layout == nil, position.offset > 0 {
        begin(opened, at: now)
        return
      }
    }
    file = opened
    saved = nil
    fingerprint = position.fingerprint
    size = position.offset
    grewAt = now
    decoder.lastTimestamp = position.lastTimestamp
    decoder.resume(
      layout,
      offset: position.offset,
      line: position.line,
      isSkipping: position.isSkipping
    )
  }

  /// Whether `opened` is the file of a position: by identity and first bytes, or by as many first
  /// bytes as a fingerprint covers, as after a copy onto another disk.
  func matches(_ position: CSVPosition, _ opened: CSVFileHandle) -> Bool {
    guard
      opened.identity == position.identity
        || position.fingerprint.length == CSVLimits.fingerprintBytes,
      let bytes = try? opened.size().bytes, bytes >= position.offset
    else { return false }
    let found = (try? opened.fingerprint(length: position.fingerprint.length)) ?? nil
    return found == position.fingerprint.hash
  }

  /// The file of a position under another name in the same directory, where rotation leaves it.
  func renamedFile(of position: CSVPosition) -> CSVFileHandle? {
    let parts = configuration.path.split(separator: "/", omittingEmptySubsequences: false)
    let directory = parts.count > 1 ? parts.dropLast().joined(separator: "/") + "/" : "./"
    guard let stream = opendir(directory) else { return nil }
    defer { closedir(stream) }
    var looked = 0
    while let entry = readdir(stream), looked < 10_000 {
      looked += 1
      guard UInt64(entry.pointee.d_ino) == position.identity.inode else { continue }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let opened = try? CSVFileHandle(path: directory + name),
        opened.identity == position.identity, matches(position, opened)
      else { continue }
      return opened
    }
    return nil
  }
}
