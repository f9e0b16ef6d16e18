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
  static let rotationGrace = Duration.seconds(5)

  /// The name of its configuration section.
  public var name: String { configuration.name }

  let configuration: CSVConfiguration
  let signature: UInt64
  var decoder: CSVDecoder
  var file: CSVFileHandle?
  var fingerprint = CSVFingerprint()
  var saved: CSVPosition?
  var hasStarted = false
  var size = 0
  var grewAt: Timestamp?
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
    health.malformed = decoder.problems.malformed
    health.gaps = gaps
    health.refused = refused
    health.lastError = decoder.problems.lastError
    health.lastErrorAt = decoder.problems.lastErrorAt
    health.lastSampleAt = lastSampleAt
    health.lagBytes = file == nil ? nil : max(0, size - decoder.offset)
    return health
  }

  /// What a person should hear of since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] { decoder.problems.drain() }

  // MARK: Polling

  /// Reads what the file has gained, within the bounds of the configuration.
  public func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome {
    decoder.problems.settle(at: now)
    polls += 1
    if file == nil {
      openFile(at: now)
      hasStarted = true
    }
    guard let file else { return .drained }
    var bytesLeft = max(4_096, configuration.maximumBytesPerPoll)
    let samplesLimit =
      samples + refused + min(max(1, configuration.maximumSamplesPerPoll), 1 << 40)
    var isSized = false
    while true {
      while decoder.next(now: now) == .row {
        deliver(to: sink)
        if samples + refused >= samplesLimit { return .moreReady }
      }
      guard bytesLeft > 0 else { return .moreReady }
      do throws(CSVFileError) {
        if !isSized {
          isSized = true
          size = try file.size().bytes
          guard size >= decoder.readOffset else {
            startOver(file, at: now)
            return .moreReady
          }
        }
        let count = try decoder.fill(from: file, limit: bytesLeft)
        bytesLeft -= count
        size = max(size, decoder.readOffset)
        guard count > 0 else { return try followName(file, at: now) ? .moreReady : .drained }
        grewAt = now
        guard try isIntact(file) else {
          startOver(file, at: now)
          return .moreReady
        }
        fingerprint.extend(with: decoder.buffer.newest(count), at: decoder.readOffset - count)
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

  // MARK: Position

  /// Where it stands: device, inode, fingerprint, offset and layout; empty before there was a
  /// file.
  public func encodePosition() -> [UInt8] {
    guard let file else { return saved?.encode() ?? [] }
    return position(in: file).encode()
  }

  /// Goes on at a stored position when the file is opened; to be called before the first poll.
  public func restorePosition(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    guard let position = CSVPosition(decoding: bytes) else {
      decoder.problems.warn(
        "\(configuration.path): expected a position in \(bytes.count) stored bytes, found "
          + "something else; starting without one"
      )
      return
    }
    saved = position
    file = nil
    hasStarted = false
  }

  func position(in file: CSVFileHandle) -> CSVPosition {
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
