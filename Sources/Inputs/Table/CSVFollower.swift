import Glibc
import Series

/// Follows one file through everything that happens to log files: growth, renaming, copying and
/// truncating, several rotations between two polls, disappearance.
///
/// It reads one open file at a time: the one at the path, or an older one that was rotated away and
/// is read to its end first. `CSVFollower+Rotation` describes how the next one is found.
final class CSVFollower {
  /// How long the old file must be quiet before a new but empty one replaces it.
  static let rotationGrace = Duration.seconds(5)
  /// How long an unlinked file is kept open for lines that may still arrive.
  static let vanishedGrace = Duration.seconds(60)

  let table: TableSection
  let signature: UInt64
  /// The prefix of its metrics' names.
  let prefix: String
  /// Whether the file was found by a pattern, so that it is dropped when it is gone.
  let isMatched: Bool
  let path: String

  // Calls made by a poll never reenter the follower, and an exclusivity check at each access would
  // take a tenth of a row's work; the same holds for the counters and metrics.
  @exclusivity(unchecked) var decoder: CSVDecoder
  var file: CSVFileHandle?
  /// Fingerprint of the first bytes of the open file that were consumed.
  var head = CSVFingerprint()
  /// Where to resume if no file is open.
  var saved: CSVPosition?
  /// The newest rotated files that need not be read, oldest first.
  var marks: [CSVMark] = []
  /// The status of the open file when it was last found to be unchanged.
  var facts: CSVFileFacts?
  /// When the newest bytes that were read were written, in nanoseconds since 1970.
  var modified: Int64 = 0
  /// Whether the open file was seen at the path itself, so that it is not a copy.
  var isOriginal = false
  /// Whether a row of the open file has been read. Until then all that is known about it may be a
  /// header that all the others have as well.
  var hasRows = false
  /// Size of the open file's contents seen so far.
  var size = 0
  var grewAt: Timestamp?
  /// Whether nothing more is expected from the file.
  var isGone = false
  /// Where reading of finished files stopped, in case they are found under another name.
  var departures: [CSVPlace] = []

  @exclusivity(unchecked) private(set) var counters = InputHealth()
  @exclusivity(unchecked) private var metrics: [MetricSlot] = []
  private var metricsGeneration = 0
  private var polls = 0

  /// Rotated files modified earlier are ignored; nil: none is.
  let followsSince: Timestamp?

  /// Follows the file at `path`.
  init(path: String, table: TableSection, isMatched: Bool, since: Timestamp? = nil) {
    self.path = path
    self.table = table
    self.isMatched = isMatched
    followsSince = since
    signature = table.layoutSignature(of: path)
    prefix = table.metricPrefix(of: path)
    decoder = CSVDecoder(path: path, table: table)
  }

  /// Its health.
  var health: InputHealth {
    var health = counters
    health.malformed = decoder.problems.malformed
    health.lastError = decoder.problems.lastError
    health.lastErrorAt = decoder.problems.lastErrorAt
    health.lagBytes = file == nil ? nil : max(0, size - decoder.offset)
    return health
  }

  // MARK: Polling

  /// Reads the data appended to the file, within `budget`.
  /// - Parameter begins: where to begin a file that was not seen before.
  func poll(
    now: Timestamp,
    begins: TableSection.Start,
    budget: inout CSVBudget,
    scratch: inout CSVScratch,
    into sink: some SampleSink
  ) -> PollOutcome {
    decoder.problems.settle(at: now)
    polls += 1
    decoder.attach(&scratch)
    defer {
      coverHead()
      decoder.detach(&scratch)
    }
    if file == nil { openFile(at: now, begins: begins) }
    guard let file else { return .drained }
    var found: CSVFileFacts?
    while true {
      while decoder.next(now: now) == .row {
        hasRows = true
        budget.samples -=
          table.trace == nil
          ? deliver(to: sink) : deliverEvent(to: sink, of: &scratch.streams, at: now)
        if budget.samples <= 0 { return .moreReady }
      }
      coverHead()
      guard budget.bytes > 0 else { return .moreReady }
      do throws(CSVFileError) {
        if found == nil {
          let look = try file.facts()
          found = look
          // If there is more to read, it is checked after reading.
          let isKnown = look.bytes > decoder.readOffset ? true : try isUnchanged(file, look)
          guard look.bytes >= size, isKnown else {
            return try followTruncation(file, at: now)
          }
          size = look.bytes
        }
        try decoder.skipHole(in: file)
        guard let count = try decoder.fill(from: file, limit: budget.bytes) else {
          return try followTruncation(file, at: now)
        }
        budget.bytes -= count
        // Checked after reading, so that bytes written over a truncated file are never taken for a
        // continuation of the old ones.
        if count > 0, try !head.matches(file) { return try followTruncation(file, at: now) }
        // If it is as empty as before, or has the same header, it may have been full in between.
        let isDoubtful = !hasRows && (count > 0 || found?.modified != modified)
        if isDoubtful, try !isNext(file, at: now) { return .moreReady }
        size = max(size, decoder.buffer.readOffset)
        facts = found
        modified = found?.modified ?? modified
        guard count > 0 else { return try followName(file, at: now) ? .moreReady : .drained }
        grewAt = now
      } catch .isChanging {
        return .moreReady
      } catch {
        complain(.cannotRead, "\(error), opening it again at the next poll", at: now)
        saved = position
        self.file = nil
        return .drained
      }
    }
  }

  /// Whether the file still begins as it did. Overwriting in place may not show at the read
  /// position, which is verified with each read.
  private func isUnchanged(
    _ file: CSVFileHandle, _ look: CSVFileFacts
  ) throws(CSVFileError) -> Bool {
    if let facts, facts.modified == look.modified, facts.changed == look.changed { return true }
    return try head.matches(file)
  }

  /// Adds consumed bytes to the fingerprint of the file's beginning.
  private func coverHead() {
    guard head.length < CSVLimits.fingerprintBytes else { return }
    let usedUp = decoder.buffer.usedUp
    head.extend(with: usedUp.bytes, at: usedUp.offset)
  }

  /// Delivers the row. A metric is registered at its first value, so that a text column never
  /// becomes one.
  /// - Returns: the number of samples delivered.
  private func deliver(to sink: some SampleSink) -> Int {
    guard let layout = decoder.layout else { return 1 }
    let columns = layout.columns
    if metricsGeneration != decoder.layoutGeneration {
      metricsGeneration = decoder.layoutGeneration
      metrics = layout.keyIndex == nil ? columns.map { MetricSlot($0.name) } : []
    }
    let timestamp = decoder.row.timestamp
    let first = decoder.row.key * columns.count
    while metrics.count < first + columns.count {
      let key = decoder.keys.text(metrics.count / columns.count)
      metrics += layout.names(ofKey: key, prefix: prefix).map { MetricSlot($0) }
    }
    for column in 0..<columns.count {
      if decoder.row.hasText, decoder.row.isText[column] { continue }
      guard let metric = metrics[first + column].metric(in: sink, poll: polls) else {
        counters.refused += 1
        continue
      }
      let value = decoder.row.values[column]
      if value.isNaN { counters.gaps += 1 }
      counters.samples += 1
      sink.receive(Sample(timestamp: timestamp, value: value), of: metric)
    }
    counters.lastSampleAt = timestamp
    return max(1, columns.count)
  }

  /// Delivers the event of the row.
  /// - Returns: the number of events delivered.
  private func deliverEvent(
    to sink: some SampleSink, of streams: inout TraceThreads?, at now: Timestamp
  ) -> Int {
    let places = decoder.eventPlaces
    let bytes = decoder.buffer.bytes
    let outcome = streams?.deliver(
      bytes.span.extracting(places.id), of: bytes.span.extracting(places.thread),
      at: decoder.row.timestamp, poll: polls, into: sink)
    switch outcome {
    case nil: break
    case .delivered:
      counters.samples += 1
      counters.lastSampleAt = decoder.row.timestamp
    case .refused: counters.refused += 1
    case .tooManyStreams:
      counters.refused += 1
      complain(
        .tooManyStreams,
        "\(path): expected at most \(table.trace?.maximumStreams ?? 0) threads "
          + "(MaximumStreams=), found another while all of them are active; its events are dropped",
        at: now)
    }
    return 1
  }

  func complain(_ problem: CSVProblem, _ text: @autoclosure () -> String, at now: Timestamp) {
    if decoder.problems.count(problem, at: now) { decoder.problems.word(problem, text()) }
  }

  /// Treats rows that are not later than `newest` as going back in time.
  func catchUp(with newest: Timestamp?) {
    guard let newest else { return }
    decoder.order.last = decoder.order.last.map { max($0, newest) } ?? newest
  }

  // MARK: Position

  /// The position in the open file.
  var place: CSVPlace? {
    guard let file else { return nil }
    coverHead()
    return CSVPlace(
      identity: file.identity,
      head: head,
      offset: decoder.offset,
      tail: [UInt8](decoder.buffer.tail),
      modified: modified,
      isOriginal: isOriginal,
      hasRows: hasRows
    )
  }

  /// The state needed to resume after a restart; nil before there was a file.
  var position: CSVPosition? {
    guard let place else { return saved }
    return CSVPosition(
      path: path,
      place: place,
      marks: marks,
      line: decoder.line,
      isSkipping: decoder.isSkipping,
      lastTimestamp: decoder.order.last,
      relativeStart: decoder.clock.start,
      layout: decoder.layout,
      signature: signature
    )
  }
}

/// The remaining work of one poll.
struct CSVBudget {
  var bytes: Int
  var samples: Int
  /// How many more files may be visited.
  var visits = CSVLimits.visits
}
