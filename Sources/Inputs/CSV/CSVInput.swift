import Glibc
public import Series

/// Follows a growing CSV file and delivers its columns as metrics.
///
/// It survives what happens to files: a last line that is still being written waits for its line
/// end; after a rename the old file is finished through the open descriptor before the new one is
/// read from its beginning; a file that was truncated is read from its beginning; a file that is
/// missing, unreadable or no regular file is told once and looked for at each poll. Over restarts
/// it goes on where it stopped, in the same file, even if that was renamed within its directory
/// in the meantime. A malformed line never stops it: ``CSVConfiguration`` and the notices say
/// what is left out.
public final class CSVInput: Input {
  /// How long the old file must be quiet before a new but empty one takes over.
  private static let rotationGrace = Duration.seconds(5)

  /// The name of its configuration section.
  public var name: String { configuration.name }

  private let configuration: CSVConfiguration
  private let signature: UInt64
  private var decoder: CSVDecoder
  private var file: CSVFileHandle?
  private var fingerprint = CSVFingerprint()
  private var saved: CSVPosition?
  private var hasStarted = false
  private var size = 0
  private var grewAt: Timestamp?
  private var metrics: [MetricID?] = []
  private var metricsGeneration = 0
  private var askedInPoll: [Int] = []
  private var polls = 0
  private var samples = 0
  private var gaps = 0
  private var refused = 0
  private var lastSampleAt: Timestamp?

  /// An input that opens its file at the first poll.
  public init(configuration: CSVConfiguration) {
    self.configuration = configuration
    signature = configuration.layoutSignature
    decoder = CSVDecoder(configuration: configuration)
  }

  /// How it is doing.
  public var health: InputHealth {
    var health = InputHealth()
    health.samples = samples
    health.malformed = decoder.complaints.malformed
    health.gaps = gaps
    health.refused = refused
    health.lastError = decoder.complaints.lastError
    health.lastErrorAt = decoder.complaints.lastErrorAt
    health.lastSampleAt = lastSampleAt
    health.lagBytes = file == nil ? nil : max(0, size - decoder.offset)
    return health
  }

  /// What a person should hear of since the last call, oldest first; empties the list.
  public func drainNotices() -> [InputNotice] { decoder.complaints.drain() }

  // MARK: Polling

  /// Reads what the file has gained, within the bounds of the configuration.
  public func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome {
    decoder.complaints.settle(at: now)
    polls += 1
    if file == nil {
      openFile(at: now)
      hasStarted = true
    }
    guard let file else { return .drained }
    var bytesLeft = max(4_096, configuration.maximumBytesPerPoll)
    let samplesLimit =
      samples + refused + min(max(1, configuration.maximumSamplesPerPoll), 1 << 40)
    var isChecked = false
    while true {
      while decoder.next(now: now) == .row {
        deliver(to: sink)
        if samples + refused >= samplesLimit { return .moreReady }
      }
      guard bytesLeft > 0 else { return .moreReady }
      do throws(CSVFileError) {
        if !isChecked {
          isChecked = true
          guard try isIntact(file, at: now) else { return .moreReady }
        }
        let count = try decoder.fill(from: file, limit: bytesLeft)
        bytesLeft -= count
        if count > 0 { grewAt = now }
        size = max(size, decoder.readOffset)
        guard count == 0 else { continue }
        try extendFingerprint(file)
        return try followName(file, at: now) ? .moreReady : .drained
      } catch {
        complain(.cannotRead, "\(error), opening it again at the next poll", at: now)
        saved = position(in: file)
        self.file = nil
        return .drained
      }
    }
  }

  /// Hands the row over. Each metric is asked for once a poll, at its first value, so that a
  /// column of text never becomes a metric and a refused one gets in when there is room again.
  private func deliver(to sink: some SampleSink) {
    guard let columns = decoder.layout?.columns else { return }
    if metricsGeneration != decoder.layoutGeneration {
      metricsGeneration = decoder.layoutGeneration
      metrics = [MetricID?](repeating: nil, count: columns.count)
      askedInPoll = [Int](repeating: 0, count: columns.count)
    }
    let timestamp = decoder.row.timestamp
    for column in 0..<columns.count {
      if decoder.row.hasText, decoder.row.isText[column] { continue }
      if askedInPoll[column] != polls {
        askedInPoll[column] = polls
        metrics[column] = sink.metric(named: columns[column].name)
      }
      guard let metric = metrics[column] else {
        refused += 1
        continue
      }
      let value = decoder.row.values[column]
      if value.isNaN { gaps += 1 }
      samples += 1
      sink.receive(Sample(timestamp: timestamp, value: value), of: metric)
    }
    lastSampleAt = timestamp
  }

  // MARK: Which file

  private func openFile(at now: Timestamp) {
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
        decoder.complaints.inform(
          "\(path): not the file that was read before, reading it from its beginning"
        )
        decoder.lastTimestamp = nil
        begin(opened, at: now)
      }
    } else {
      begin(opened, at: now)
    }
    decoder.complaints.summarize(.vanished)
    decoder.complaints.summarize(.cannotOpen)
    decoder.complaints.summarize(.cannotRead)
  }

  private func begin(_ opened: CSVFileHandle, at now: Timestamp) {
    file = opened
    saved = nil
    fingerprint = CSVFingerprint()
    size = 0
    grewAt = now
    decoder.restart()
  }

  /// Takes the layout from the file's first lines and goes on after its last byte. With too few
  /// lines to tell, that is at the beginning, for then there is next to nothing to leave out.
  private func beginAtEnd(of opened: CSVFileHandle, at now: Timestamp) {
    begin(opened, at: now)
    do throws(CSVFileError) {
      let bytes = try opened.size().bytes
      guard let layout = try layoutOfHead(opened), bytes > 0 else { return }
      let endsInNewline = try opened.byte(at: bytes - 1) == 0x0A
      decoder.resume(layout, offset: bytes, line: nil, isSkipping: !endsInNewline)
      try extendFingerprint(opened)
    } catch {
      complain(.cannotRead, "\(error), trying again at each poll", at: now)
    }
  }

  /// The layout as the first lines of a file tell it; nil when they do not.
  private func layoutOfHead(_ file: CSVFileHandle) throws(CSVFileError) -> CSVLayout? {
    var head = CSVDecoder(configuration: configuration)
    while try head.fill(from: file, limit: CSVLimits.lineBytes) > 0, head.layout == nil {
      _ = head.next(now: Timestamp(nanoseconds: 0))
      guard head.readOffset < 2 * CSVLimits.lineBytes else { break }
    }
    return head.layout
  }

  private func resume(_ position: CSVPosition, in opened: CSVFileHandle, at now: Timestamp) {
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
  private func matches(_ position: CSVPosition, _ opened: CSVFileHandle) -> Bool {
    guard
      opened.identity == position.identity
        || position.fingerprint.length == CSVLimits.fingerprintBytes,
      let bytes = try? opened.size().bytes, bytes >= position.offset
    else { return false }
    let found = (try? opened.fingerprint(length: position.fingerprint.length)) ?? nil
    return found == position.fingerprint.hash
  }

  /// The file of a position under another name in the same directory, where rotation leaves it.
  private func renamedFile(of position: CSVPosition) -> CSVFileHandle? {
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

  // MARK: What happens to the file

  /// Whether the open file still holds what was read; if not, reading begins anew.
  private func isIntact(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
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
  private func extendFingerprint(_ file: CSVFileHandle) throws(CSVFileError) {
    let length = min(decoder.offset, CSVLimits.fingerprintBytes)
    guard length > fingerprint.length, let hash = try file.fingerprint(length: length) else {
      return
    }
    fingerprint = CSVFingerprint(length: length, hash: hash)
  }

  /// At the end of the open file: goes over to the file that has its name now, once the old one
  /// is finished.
  /// - Returns: whether there is more to read.
  private func followName(_ file: CSVFileHandle, at now: Timestamp) throws(CSVFileError) -> Bool {
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
  private func finish(at now: Timestamp) -> Bool {
    if decoder.layout == nil, !decoder.mustDecide {
      decoder.mustDecide = true
      return true
    }
    decoder.abandonTail(at: now)
    decoder.restart()
    file = nil
    return false
  }

  private func complain(_ problem: CSVProblem, _ text: String, at now: Timestamp) {
    if decoder.complaints.count(problem, at: now) { decoder.complaints.word(problem, text) }
  }

  // MARK: Position

  /// Where it stands: device, inode, fingerprint, offset and layout; empty before there was a
  /// file.
  public func encodePosition() -> [UInt8] {
    guard let file else { return saved?.encode() ?? [] }
    try? extendFingerprint(file)
    return position(in: file)?.encode() ?? []
  }

  /// Goes on at a stored position when the file is opened; to be called before the first poll.
  public func restorePosition(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    guard let position = CSVPosition(decoding: bytes) else {
      decoder.complaints.warn(
        "\(configuration.path): expected a position in \(bytes.count) stored bytes, found "
          + "something else; starting without one"
      )
      return
    }
    saved = position
    file = nil
    hasStarted = false
  }

  private func position(in file: CSVFileHandle) -> CSVPosition? {
    CSVPosition(
      identity: file.identity,
      fingerprint: fingerprint,
      offset: decoder.offset,
      line: decoder.line,
      isSkipping: decoder.isSkipping,
      lastTimestamp: decoder.lastTimestamp,
      layout: decoder.layout,
      signature: signature
    )
  }
}
