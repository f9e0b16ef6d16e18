import Calendar
import Events
import Monitor
import Series

@testable import Daemon
@testable import Detection

private let now = Timestamp(seconds: 1_700_000_000)
private let names = ["cpu.busy", "disk.sda.queue"].map { MetricName(sanitizing: $0) }

private func silence(_ metrics: [String]) -> Silence {
  Silence(
    id: "1", origin: .call(user: 1000, at: now), metrics: metrics.compactMap { Glob($0) },
    times: .once(from: now, until: now.advanced(by: .seconds(3600))), suppressesAlarms: true,
    suppressesLearning: false, reason: "backup")
}

private func event(_ metric: MetricName, after seconds: Int) -> Event {
  let opened = now.advanced(by: .seconds(seconds))
  return Event(
    id: EventID(metric: metric, opened: opened, hostSeed: 1), metric: metric,
    cause: .limit(bound: 90), direction: .high, severity: .error, began: opened, opened: opened,
    value: 95, expected: 50, lower: 40, upper: 60, score: 9,
    level: 50, usual: 50)
}

extension FuzzTarget {
  /// The stored silences that somebody called for; what is taken up is asked and goes on.
  static let silences = FuzzTarget(
    "silences",
    seeds: [
      SilenceBook(local: .utc).encode(),
      {
        let book = SilenceBook(local: .utc)
        _ = book.add(silence(["disk.*", "cpu.busy"]), now: now)
        _ = book.add(silence([]), now: now)
        return book.encode()
      }(),
    ]
  ) { bytes in
    let book = SilenceBook(local: .utc)
    guard (try? book.restore(from: bytes)) != nil else { return }
    let stored = book.encode()
    let again = SilenceBook(local: .utc)
    promise((try? again.restore(from: stored)) != nil, "stored silences read back")
    promise(again.encode() == stored, "the same silences read back")
    for name in names { _ = book.coverage(of: name, at: now) }
    _ = book.active(at: now)
    let added = book.add(silence(["*"]), now: now)
    promise(added == nil || book.remove(added?.id ?? "", now: now) != nil, "one that is added ends")
    promise((try? again.restore(from: book.encode())) != nil, "what went on reads back")
  }

  /// Stored incidents and stored feedback, which go on; the first byte chooses.
  static let ledgers = FuzzTarget(
    "ledgers", maximumBytes: 1_024,
    seeds: [
      {
        var tracker = IncidentTracker()
        for (index, name) in names.enumerated() {
          let opened = EventTransition.opened(event(name, after: index * 10))
          _ = tracker.note(opened, lastSeen: { _ in now })
          tracker.count(opened, interval: .seconds(5))
        }
        return [0] + tracker.encode()
      }(),
      {
        var ledger = FeedbackLedger()
        for (index, name) in names.enumerated() {
          ledger.note(
            index == 0 ? .falseAlarm : .confirmed, of: event(name, after: index).id,
            evidence: EvidenceVector(.values, decades: SIMD16(repeating: 4)), limit: 3, at: now)
        }
        var writer = ByteWriter()
        ledger.encode(to: &writer)
        return [1] + writer.bytes
      }(),
    ]
  ) { bytes in
    guard let choice = bytes.first else { return }
    let stored = Array(bytes.dropFirst())
    if choice & 1 == 0 {
      guard var tracker = try? IncidentTracker(decoding: stored) else { return }
      let written = tracker.encode()
      promise(
        (try? IncidentTracker(decoding: written))?.encode() == written, "incidents read back")
      let opened = event(names[0], after: 20)
      _ = tracker.note(.opened(opened), lastSeen: { _ in now })
      tracker.count(.opened(opened), interval: nil)
      _ = tracker.note(.closed(opened), lastSeen: { _ in now })
      tracker.retain([])
      for step in tracker.settle() { _ = step.sentence }
    } else {
      var reader = ByteReader(stored)
      guard var ledger = try? FeedbackLedger(from: &reader) else { return }
      let raised = ledger.offsets(at: now)
      promise(
        (0..<EvidenceVector.lanes).allSatisfy {
          (0...FeedbackLedger.maximum).contains(raised.decades[$0])
        }, "bounded")
      ledger.note(
        .falseAlarm, of: event(names[0], after: 5).id,
        evidence: EvidenceVector(.values, decades: SIMD16(repeating: 4)), limit: 3, at: now)
      promise(ledger.entries.count <= FeedbackLedger.maximumEntries, "no more than there is room")
      var writer = ByteWriter()
      ledger.encode(to: &writer)
    }
  }
}
