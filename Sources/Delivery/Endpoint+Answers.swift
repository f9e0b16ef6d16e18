import Formats
import Outbox
import Series
import System

extension Endpoint {
  /// The maximum number of messages kept in `failed`.
  private static let maximumFailed = 100
  /// The longest `Retry-After` that is honoured.
  private static let longestRetryAfter: Duration = .seconds(86_400)

  /// Handles an answer.
  func finish(_ errand: Errand, _ answer: HTTPAnswer, now: Instant, at moment: Timestamp) {
    isBusy = false
    // A test does not count as a delivery attempt.
    if errand.entry?.isTest != true { state.attempts += 1 }
    let outcome = Outcome(answer)
    let received = DeliveryAnswer(
      message: errand.entry?.messageID ?? "open events again", at: moment, status: answer.status,
      body: Endpoint.oneLine(settings?.redacted(answer.body) ?? answer.body),
      error: answer.error.map { settings?.redacted($0) ?? $0 }, seconds: answer.seconds)
    state.lastAnswer = received
    if let entry = errand.entry, entry.isTest {
      recordTest(received)
      drop(entry)
      if outcome == .delivered { succeeded(moment) }
    } else {
      draw(outcome, errand.entry, received, answer.retryAfter, now, moment)
    }
    save()
  }

  func recordTest(_ answer: DeliveryAnswer) {
    state.tests = state.tests.suffix(DeliveryState.maximumTests - 1) + [answer]
  }

  /// Keeps a message that will never be accepted for inspection.
  func setAside(_ entry: OutboxEntry, _ reason: String) {
    state.setAside += 1
    warn("\(reason); the message is kept in \(folder.folder(.failed))")
    do throws(FileError) {
      try folder.move(entry, to: .failed)
      let failed = try folder.entries(.failed)
      for old in failed.dropLast(Endpoint.maximumFailed) { try folder.remove(old, .failed) }
    } catch {
      warn("\(error)")
    }
    forget(entry)
  }

  private func draw(
    _ outcome: Outcome, _ entry: OutboxEntry?, _ answer: DeliveryAnswer, _ retryAfter: Duration?,
    _ now: Instant, _ moment: Timestamp
  ) {
    if outcome == .delivered {
      succeeded(moment)
      if let entry, entry.isHeartbeat {
        state.lastHeartbeatAt = moment.seconds
        drop(entry)
      } else if let entry {
        delivered(entry, now)
      }
      return
    }
    state.failures += 1
    state.lastError = answer.sentence
    state.lastErrorAt = moment.seconds
    switch (outcome, entry) {
    case (.refused, let entry?) where entry.isHeartbeat:
      // The next one may be accepted; this one is out of date by then.
      drop(entry)
    case (.refused, let entry?):
      // This answer concerns the message only: the endpoint itself works.
      state.failuresInARow = 0
      setAside(entry, "the endpoint refused a message: \(answer.sentence)")
      return
    case (.gone, _):
      state.isGone = true
      state.stopped =
        "the endpoint is gone (410): messages wait until its section changes or "
        + "'anomalyctl outputs test \(plan.name)' succeeds"
      warn(state.stopped ?? "")
      return
    case (.failed, let entry?):
      let failures = (troubles[entry]?.failures ?? 0) + 1
      let pause = max(pause(after: failures), retryAfter ?? .zero)
      troubles[entry] = Trouble(failures: failures, until: now + pause)
    default: break
    }
    state.failuresInARow += 1
    let asked = min(retryAfter ?? .zero, Endpoint.longestRetryAfter)
    let pause = max(pause(after: state.failuresInARow), asked)
    pausedUntil = now + pause
    state.retryAt = moment.advanced(by: pause).seconds
    if state.failuresInARow == 1 { warn("\(answer.sentence); messages wait and will be retried") }
  }

  private func pause(after failures: Int) -> Duration {
    backoff.pause(after: failures, share: Double.random(in: 0...1))
  }

  private func succeeded(_ moment: Timestamp) {
    if state.failuresInARow > 0 || state.isGone {
      inform("the endpoint accepts messages again after \(state.failuresInARow) failures")
    }
    state.failuresInARow = 0
    state.retryAt = nil
    state.stopped = nil
    state.isGone = false
    state.lastSuccessAt = moment.seconds
    pausedUntil = nil
  }

  private func delivered(_ entry: OutboxEntry, _ now: Instant) {
    state.delivered += 1
    guard repeats else { return drop(entry) }
    do throws(FileError) {
      if entry.step == .closed {
        // Remove it from the repeated events first, so that nothing reopens a closed event.
        for old in firing where old.event == entry.event { try folder.remove(old, .firing) }
        firing.removeAll { $0.event == entry.event }
        drop(entry)
      } else {
        try folder.move(entry, to: .firing)
        forget(entry)
        firing.append(entry)
        if resendAt == nil || firing.count == 1 {
          resendAt = now + (settings?.resendInterval ?? .seconds(60))
        }
      }
    } catch {
      warn("\(error)")
      forget(entry)
    }
  }

  private func drop(_ entry: OutboxEntry) {
    do throws(FileError) {
      try folder.remove(entry)
    } catch {
      warn("\(error); the message will be resent")
    }
    forget(entry)
  }

  private static func oneLine(_ text: String) -> String {
    String(text.prefix(1024).map { $0.isWhitespace ? " " : $0 })
  }
}
