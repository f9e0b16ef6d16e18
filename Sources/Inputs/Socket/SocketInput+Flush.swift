import Series

/// From series to samples, and what is kept of them.
extension SocketInput {
  /// Delivers the interval that ended at `end`, and drops what has been absent for long.
  func flush(at end: Timestamp, after length: Duration, now: Timestamp, to sink: some SampleSink) {
    let seconds = length.inSeconds
    // There may now be room for what was refused before.
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

  /// Frees the slots of series that have not been sent for long.
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
}
