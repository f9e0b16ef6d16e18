import Glibc
import Series

/// Follows one file through everything that happens to files: growth, renaming, copying and
/// truncating, several rotations between two looks, disappearance.
///
/// It reads one open file at a time: the one of the path, or an older one that was rotated away and
/// is read to its end first. `CSVFollower+Rotation` says how the next one is found.
final class CSVFollower {
  /// How long the old file must be quiet before a new but empty one takes over.
  static let rotationGrace = Duration.seconds(5)
  /// How long a file without its name is kept open for lines that may still come.
  static let vanishedGrace = Duration.seconds(60)

  let table: TableSection
  let signature: UInt64
  /// Whether the file was named by a pattern, so that it is given up when it is gone.
  let isMatched: Bool
  let path: String

  var decoder: CSVDecoder
  var file: CSVFileHandle?
  /// The first bytes of the open file that were used up.
  var head = CSVFingerprint()
  /// Where to go on when no file is open.
  var saved: CSVPosition?
  /// The newest rotated files that need not be read, oldest first.
  var marks: [CSVMark] = []
  /// The open file at the newest look that found it to be what was read.
  var facts: CSVFileFacts?
  /// When the newest bytes that were read were written, in nanoseconds since 1970.
  var modified: Int64 = 0
  /// Whether the open file was seen at the path itself, so that it is no copy.
  var isOriginal = false
  /// Whether a row of the open file has been read. Before, all that is known of it may be a header
  /// that every other one has as well.
  var hasRows = false
  /// The bytes of the open file as far as was seen.
  var size = 0
  var grewAt: Timestamp?
  /// Whether nothing is to be expected of the file any more.
  var isGone = false
  /// Where finished files were left, should they be found under another name.
  var departures: [CSVPlace] = []

  private(set) var counters = InputHealth()
  private var metrics: [MetricID?] = []
  private var metricsGeneration = 0
  private var askedInPoll: [Int] = []
  private var polls = 0

  /// Rotated files that were changed before are left out, nil for all that are there.
  let followsSince: Timestamp?

  /// Follows the file at `path`.
  init(path: String, table: TableSection, isMatched: Bool, since: Timestamp? = nil) {
    self.path = path
    self.table = table
    self.isMatched = isMatched
    followsSince = since
    signature = table.layoutSignature(of: path)
    decoder = CSVDecoder(path: path, table: table)
  }

  /// How it is doing.
  var health: InputHealth {
    var health = counters
    health.malformed = decoder.problems.malformed
    health.lastError = decoder.problems.lastError
    health.lastErrorAt = decoder.problems.lastErrorAt
    health.lagBytes = file == nil ? nil : max(0, size - decoder.offset)
    return health
  }

  // MARK: Polling

  /// Reads what the file has gained, within `budget`.
  /// - Parameter begins: where a file is begun that was not seen before.
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
          guard look.bytes >= size, try isUnchanged(file, look) else {
            return try followTruncation(file, at: now)
          }
          size = look.bytes
        }
        guard let count = try decoder.fill(from: file, limit: budget.bytes) else {
          return try followTruncation(file, at: now)
        }
        budget.bytes -= count
        // Asked after the reading, so that bytes that were written over a truncated file are never
        // taken for the continuation of the old ones.
        if count > 0, try !head.matches(file) { return try followTruncation(file, at: now) }
        // As empty as before, or with the header it had before, it may have been full in between.
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

  /// Whether the file begins as it did. What was written over it in place may not be seen at the
  /// place of reading, which is looked at with each reading.
  private func isUnchanged(
    _ file: CSVFileHandle, _ look: CSVFileFacts
  ) throws(CSVFileError) -> Bool {
    if let facts, facts.modified == look.modified, facts.changed == look.changed { return true }
    return try head.matches(file)
  }

  /// Takes what was used up into the fingerprint of the file's beginning.
  private func coverHead() {
    guard head.length < CSVLimits.fingerprintBytes else { return }
    let usedUp = decoder.buffer.usedUp
    head.extend(with: usedUp.bytes, at: usedUp.offset)
  }

  /// Hands the row over. Each metric is asked for once a poll, at its first value, so that a
  /// column of text never becomes a metric and a refused one gets in when there is room again.
  /// - Returns: how many samples that was.
  private func deliver(to sink: some SampleSink) -> Int {
    guard let columns = decoder.layout?.columns else { return 1 }
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

  /// Hands the event of the row over.
  /// - Returns: how many events that was.
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

  // MARK: Position

  /// Where it stands in the open file.
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

  /// All that is needed to go on there after a restart; nil before there was a file.
  var position: CSVPosition? {
    guard let place else { return saved }
    return CSVPosition(
      path: path,
      place: place,
      marks: marks,
      line: decoder.line,
      isSkipping: decoder.isSkipping,
      lastTimestamp: decoder.lastTimestamp,
      layout: decoder.layout,
      signature: signature
    )
  }
}

/// What may still be read in one poll.
struct CSVBudget {
  var bytes: Int
  var samples: Int
  /// How many more files may be looked at.
  var visits = CSVLimits.visits
}
