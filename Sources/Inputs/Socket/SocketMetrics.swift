import Series

/// The metrics that programs sent, and their data until an interval ends.
final class SocketMetrics {
  let configuration: SocketSection
  /// The prefix of metric names, before a dot; empty for none.
  let prefix: String
  // These calls never reenter this object, and an exclusivity check at each access would take a
  // fifth of a datagram's work.
  @exclusivity(unchecked) var problems: ProblemLog<SocketProblem>
  @exclusivity(unchecked) var counters = InputHealth()
  @exclusivity(unchecked) var table = SocketTable()
  @exclusivity(unchecked) var senders: SocketSenders
  @exclusivity(unchecked) var seriesName: SocketName
  @exclusivity(unchecked) var tags: SocketTags
  /// Counts the intervals.
  @exclusivity(unchecked) private(set) var intervals = 0
  /// Whether a value that is not a number was reported.
  private var hasReportedSkipping = false

  /// No metrics yet.
  init(prefix: String, configuration: SocketSection) {
    self.prefix = prefix
    self.configuration = configuration
    problems = ProblemLog(configuration.path, quietPeriod: configuration.quietPeriod)
    senders = SocketSenders(
      datagramsPerSecond: configuration.datagramsPerSecond,
      quietPeriod: configuration.quietPeriod
    )
    seriesName = SocketName(prefix: prefix)
    tags = SocketTags(configuration.tags)
  }

  // MARK: Series

  /// The series of ``seriesName``, created on first use; nil if there is no room for it.
  func series(
    _ kind: SocketSeries.Kind,
    _ sender: SocketSender,
    at now: Timestamp
  ) throws(SocketFault) -> Int? {
    guard !seriesName.isTooLong else { throw .longName }
    if let known = table.find(seriesName) {
      guard table[known].kind == kind else {
        throw .conflict(expected: table[known].kind.words, found: kind.words)
      }
      return known
    }
    let metrics = senders.metrics(sender.account) + kind.metrics
    guard metrics <= configuration.metricsPerSender else {
      drop(.metrics, sender, at: now)
      return nil
    }
    guard table.metrics + kind.metrics <= configuration.maximumMetrics else {
      counters.dropped += 1
      problems.add(.full, at: now) {
        "\(configuration.path): \(sender): expected at most \(configuration.maximumMetrics) "
          + "metrics of all senders (MaximumMetrics=), found another, ignoring it: "
          + Excerpt.quoted(seriesName.key)
      }
      return nil
    }
    let new = try SocketSeries(
      key: seriesName.key,
      stem: seriesName.stem,
      kind: kind,
      owner: sender.user,
      lastSeen: now
    )
    let index = try add(new)
    senders.add(metrics: kind.metrics, to: sender.account)
    return index
  }

  /// Adds a series, with the names of its metrics if they differ from its own.
  func add(_ new: SocketSeries) throws(SocketFault) -> Int {
    guard new.kind == .timer else { return table.append(new) }
    var parts: [SocketSeries] = []
    for part in SocketSeries.timerParts {
      let key = SocketName.key(new.key, stem: new.stem, part: part)
      if let known = table.find(key) {
        throw .conflict(expected: table[known].kind.words, found: "a timer, which has \(part)")
      }
      parts.append(
        try SocketSeries(
          key: key, stem: new.stem, kind: .part, owner: new.owner, lastSeen: new.lastSeen))
    }
    for part in parts { _ = table.append(part) }
    return table.append(new)
  }

  // MARK: Intervals

  /// Delivers the interval that ended at `end`, and drops long-idle series.
  func flush(at end: Timestamp, after length: Duration, now: Timestamp, to sink: some SampleSink) {
    let seconds = length.inSeconds
    // There may now be room for refused metrics.
    intervals += 1
    for index in table.series.indices {
      switch table[index].kind {
      case .counter:
        send(table[index].value / seconds, index, 0, at: end, to: sink)
        table[index].value = 0
      case .gauge:
        if table[index].isFresh || configuration.idleGauges == .hold {
          send(table[index].value, index, 0, at: end, to: sink)
        }
      case .timer: flushTimer(index, at: end, seconds, to: sink)
      case .set:
        send(table[index].distinct?.count ?? 0, index, 0, at: end, to: sink)
        table[index].distinct?.removeAll()
      case .field, .part, .event: break
      }
      table[index].isFresh = false
    }
    forget(at: now)
  }

  private func flushTimer(
    _ index: Int,
    at end: Timestamp,
    _ seconds: Double,
    to sink: some SampleSink
  ) {
    guard let timer = table[index].timer else { return }
    send(timer.weight / seconds, index, 0, at: end, to: sink)
    // The mean of no values is unknown.
    guard timer.count > 0 else { return }
    send(timer.mean, index, 1, at: end, to: sink)
    send(timer.quantile(0.95), index, 2, at: end, to: sink)
    send(timer.maximum, index, 3, at: end, to: sink)
    timer.removeAll()
  }

  /// Delivers one sample.
  /// - Parameter part: which of the series' metrics.
  func send(
    _ value: Double,
    _ index: Int,
    _ part: Int,
    at moment: Timestamp,
    to sink: some SampleSink
  ) {
    guard let metric = table[index].metrics[part].metric(in: sink, poll: intervals) else {
      counters.refused += 1
      return
    }
    if !value.isFinite { counters.gaps += 1 }
    counters.samples += 1
    counters.lastSampleAt = max(moment, counters.lastSampleAt ?? moment)
    sink.receive(Sample(timestamp: moment, value: value), of: metric)
  }

  /// Frees the slots of series that have not been sent for a long time.
  private func forget(at now: Timestamp) {
    guard let limit = configuration.forgetAfter else { return }
    func isGone(_ series: SocketSeries) -> Bool {
      now.elapsed(since: series.lastSeen) >= limit
    }
    guard table.series.contains(where: { $0.kind != .part && isGone($0) }) else { return }
    for series in table.series where isGone(series) {
      senders.release(metrics: series.kind.metrics, of: series.owner)
    }
    table.removeAll(where: isGone)
  }

  // MARK: Reports

  /// Counts data that a sender may not send, and reports it once per sender in a quiet period.
  func drop(_ limit: SocketSenders.Limit, _ sender: SocketSender, at now: Timestamp) {
    counters.dropped += 1
    guard let count = senders.drop(limit, sender.account, at: now) else { return }
    let expected =
      switch limit {
      case .rate:
        "at most \(configuration.datagramsPerSecond) datagrams a second (DatagramsPerSecond=)"
      case .bytes:
        "datagrams of at most \(configuration.datagramBytes) bytes (MaximumDatagramBytes=)"
      case .metrics: "at most \(configuration.metricsPerSender) metrics (MetricsPerSender=)"
      }
    let others = count > 1 ? ", and \(count - 1) others since the last report" : ""
    problems.warn(
      "\(configuration.path): \(sender): expected \(expected), found more, dropping the excess\(others)",
      at: now
    )
  }

  /// Counts values that are not numbers, and reports the first.
  func skip(_ what: String, _ sender: SocketSender) {
    counters.skipped += 1
    guard !hasReportedSkipping else { return }
    hasReportedSkipping = true
    problems.inform(
      "\(configuration.path): \(sender): found \(what), which is not a metric; such data is ignored "
        + "and counted"
    )
  }
}
