import Series

/// How the socket is kept open, and what is reported about senders.
extension SocketInput {
  /// Opens the socket if there is none, or it cannot be reached any more.
  func keepOpen(at now: Timestamp) {
    if let checked = pathChecked, checked <= now,
      now.elapsed(since: checked) < SocketLimits.pathCheck
    {
      return
    }
    pathChecked = now
    let isLost = socket.map { !$0.isReachable } ?? false
    guard socket == nil || isLost else { return }
    do throws(DatagramSocketError) {
      let opened = try DatagramSocket(
        path: configuration.path,
        mode: configuration.mode,
        group: configuration.group
      )
      if isLost {
        problems.inform("\(configuration.path): the socket's file was removed, recreated it")
      }
      socket = opened
      openings += 1
      problems.summarize(.closed)
    } catch {
      let next = isLost ? "listening on for those connected" : "retrying until it opens"
      problems.add(.closed, at: now) { "\(error), \(next)" }
    }
  }

  /// Counts what a sender may not send, and reports it once per sender in a quiet period.
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
    guard !isSkippingTold else { return }
    isSkippingTold = true
    problems.inform(
      "\(configuration.path): \(sender): found \(what), which is not a metric; such data is ignored "
        + "and counted"
    )
  }
}
