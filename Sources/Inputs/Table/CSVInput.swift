public import Series

/// Follows growing CSV files and delivers their columns as metrics.
///
/// It handles whatever happens to files: a last line that is still being written waits for its line
/// end; files that were renamed or copied and truncated are read to their end, oldest first, before
/// the newer ones; a file that is missing, unreadable or not a regular file is reported once and
/// retried at each poll; files that match a pattern are added as they appear and dropped once they
/// are gone. After a restart it resumes where it stopped, wherever rotation has moved that in the
/// meantime. A malformed line never stops it: notices describe what is skipped.
public final class CSVInput: Input {
  /// The name of its configuration section.
  public let name: String

  let table: TableSection
  let patterns: [CSVPathPattern]
  /// The paths among them that are not patterns, each once.
  let paths: [String]
  /// The search for files that match the others.
  var searching: CSVSearch
  /// When it last ended.
  var foundAt: Timestamp?
  /// Sorted by path.
  var followers: [CSVFollower] = []
  /// The files of the last run, until the first poll.
  var restored = CSVInputPosition()
  /// Read positions of files that are no longer followed.
  var departed: [CSVPosition] = []
  /// Problems with the search for files.
  var problems: ProblemLog<CSVProblem>
  /// The counters of files that are no longer followed.
  var retired = InputHealth()
  var searchedAt: Timestamp?
  /// Names that were examined and belong to followed files.
  var rotatedNames: Set<String> = []
  private var scratch = CSVScratch()
  /// Time of the first poll.
  private(set) var startedAt: Timestamp?
  /// The file to visit next, and whether one of this round has more.
  private var cursor = 0
  private var roundHasMore = false
  private var isFirstRound = true
  /// The newest row of any file, if all form one series.
  private var newest: Timestamp?

  /// An input that opens its files at the first poll.
  /// - Parameter table: the paths of the files and how they are read; its prefix is that of the
  ///   metrics.
  public init(name: String, table: TableSection) {
    self.name = name
    self.table = table
    patterns = table.paths.compactMap { CSVPathPattern($0) }
    paths = Set(patterns.compactMap(\.path)).sorted(by: CSVInput.precedes)
    searching = CSVSearch(patterns.filter { $0.path == nil })
    problems = ProblemLog(table.paths.joined(separator: " "), quietPeriod: table.quietPeriod)
    if let trace = table.trace {
      scratch.streams = TraceThreads(
        prefix: table.metricPrefix(of: table.paths.first ?? ""), maximum: trace.maximumStreams,
        timeout: trace.streamTimeout)
    }
  }

  /// Its health.
  public var health: InputHealth {
    var health = retired
    health.note(problems)
    for follower in followers { health.add(follower.health) }
    return health
  }

  /// Notices for the user since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] {
    var notices = problems.drain()
    var unreported = 0
    for follower in followers {
      for notice in follower.decoder.problems.drain() {
        if notices.count < CSVLimits.noticesPerDrain {
          notices.append(notice)
        } else {
          unreported += 1
        }
      }
    }
    if unreported > 0 {
      notices.append(Notice(.info, "input \(name): \(unreported) more notices about its files"))
    }
    return notices
  }

  // MARK: Polling

  /// Reads the data appended to the files, within the limits of the configuration.
  public func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome {
    problems.settle(at: now)
    let isDue = searchedAt.map { now.elapsed(since: $0) >= .seconds(1) } ?? true
    if isDue || searching.isUnderway || (cursor == 0 && !roundHasMore) {
      search(at: now)
      if !searching.isUnderway { startedAt = startedAt ?? now }
      cursor = min(cursor, followers.count)
    }
    var budget = CSVBudget(
      bytes: max(4_096, table.maximumBytesPerPoll),
      samples: min(max(1, table.maximumSamplesPerPoll), 1 << 40)
    )
    while cursor < followers.count {
      let follower = followers[cursor]
      if table.isOneSeries { follower.catchUp(with: newest) }
      let outcome = follower.poll(
        now: now,
        begins: !isFirstRound ? .beginning : table.start,
        budget: &budget,
        scratch: &scratch,
        into: sink
      )
      budget.visits -= 1
      if table.isOneSeries {
        newest = follower.decoder.order.last ?? newest
        // The next file continues where this one ends.
        if outcome == .moreReady { return .moreReady }
      }
      roundHasMore = roundHasMore || outcome == .moreReady
      cursor += 1
      let isSpent = budget.samples <= 0 || budget.bytes <= 0 || budget.visits <= 0
      if isSpent, cursor < followers.count { return .moreReady }
    }
    isFirstRound = isFirstRound && searching.isUnderway
    cursor = 0
    defer { roundHasMore = false }
    return roundHasMore || searching.isUnderway ? .moreReady : .drained
  }

  // MARK: Position

  /// The position in each file: identity, bytes around the position, offset and layout; empty
  /// before there was a file.
  public func encodePosition() -> [UInt8] {
    guard restored.files.isEmpty, restored.departed.isEmpty else { return restored.encode() }
    var position = CSVInputPosition()
    position.files = followers.compactMap(\.position)
    position.departed = departed
    return position.encode()
  }

  /// Resumes at a stored position when the files are opened; call it before the first poll.
  public func restorePosition(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    guard let position = CSVInputPosition(decoding: bytes) else {
      problems.warn(
        "input \(name): expected a position in \(bytes.count) stored bytes, found "
          + "something else; starting without one"
      )
      return
    }
    guard table.start == .saved else { return }
    restored = position
  }
}

extension InputHealth {
  /// Adds the counters of one follower.
  mutating func add(_ other: InputHealth) {
    samples += other.samples
    malformed += other.malformed
    gaps += other.gaps
    refused += other.refused
    if let at = other.lastErrorAt, lastErrorAt.map({ at >= $0 }) ?? true {
      lastError = other.lastError
      lastErrorAt = at
    } else if lastError == nil {
      lastError = other.lastError
    }
    if let at = other.lastSampleAt { lastSampleAt = lastSampleAt.map { max($0, at) } ?? at }
    if let lag = other.lagBytes { lagBytes = (lagBytes ?? 0) + lag }
  }

  fileprivate mutating func note(_ problems: ProblemLog<CSVProblem>) {
    var health = InputHealth()
    health.malformed = problems.malformed
    health.lastError = problems.lastError
    health.lastErrorAt = problems.lastErrorAt
    add(health)
  }
}
