import Detection
import Events
import Glibc
import Series
import Testing

private func id(_ number: UInt64) -> EventID { EventID(high: number, low: number) }
private let start = Timestamp(seconds: 1.7e9)
private let day = 86_400

/// Evidence that exceeds its base by 3 decades for a jump and by 1 for a window.
private let evidence = vector(5, 3)

private func vector(_ jump: Float, _ window: Float) -> EvidenceVector {
  var vector = EvidenceVector(.values)
  vector[.jump] = jump
  vector[.window8] = window
  return vector
}

extension EvidenceVector {
  fileprivate var sum: Float { family.kinds.reduce(0) { $0 + self[$1] } }

  fileprivate static func repeating(_ decades: Float, _ family: Evidence.Family) -> EvidenceVector {
    var vector = EvidenceVector(family)
    for kind in family.kinds { vector[kind] = decades }
    return vector
  }
}

@Suite struct FeedbackTests {
  @Test(arguments: [
    // Just as much as is missing, distributed over the contributing kinds.
    (evidence, Float(2), Float(2)), (evidence, 3.5, 0.5), (evidence, 1, 3), (evidence, 5, 0),
  ])
  func `a false alarm raises the contributing kinds by just what is needed`(
    evidence: EvidenceVector, limit: Float, needed: Float
  ) {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: limit, at: start)
    let feedbackOffsets = ledger.offsets(at: start)
    #expect(abs(feedbackOffsets.sum - needed) < 0.02)
    #expect(needed == 0 || abs(feedbackOffsets[.jump] / feedbackOffsets[.window8] - 3) < 0.01)
    #expect(feedbackOffsets[.window48] == 0)
    // Repeating it changes nothing: an event like it would not open any more.
    ledger.note(.falseAlarm, of: id(2), evidence: evidence, limit: limit, at: start)
    #expect(abs(ledger.offsets(at: start).sum - needed) < 0.02)
  }

  @Test(arguments: [Evidence.Family.values, .symbols])
  func `no kind is ever raised by more than the maximum`(family: Evidence.Family) {
    var ledger = FeedbackLedger()
    for number in 0..<50 {
      ledger.note(
        .falseAlarm, of: id(UInt64(number)), evidence: .repeating(30, family), limit: -4,
        at: start)
    }
    #expect(ledger.entries.count == FeedbackLedger.maximumEntries)
    let offsets = ledger.offsets(at: start)
    #expect(family.kinds.allSatisfy { offsets[$0] == FeedbackLedger.maximum })
  }

  @Test func `it halves in fourteen days, and is eventually forgotten`() {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 2, at: start)
    let first = ledger.offsets(at: start)
    for halvings in 0..<5 {
      let now = start.advanced(by: .seconds(14 * day * halvings))
      let expected = first[.jump] * Float(exp2(-Double(halvings)))
      #expect(abs(ledger.offsets(at: now)[.jump] - expected) < 1e-4)
    }
    #expect(ledger.offsets(at: start.advanced(by: .seconds(-day))) == first)
    let late = start.advanced(by: .seconds(14 * day * 9))
    ledger.note(.confirmed, of: id(2), evidence: evidence, limit: 2, at: late)
    #expect(ledger.entries.map(\.event) == [id(2)])
  }

  @Test func `a confirmation reverts half, and never makes anything more sensitive`() {
    var ledger = FeedbackLedger()
    ledger.note(.confirmed, of: id(9), evidence: evidence, limit: 2, at: start)
    #expect(ledger.offsets(at: start) == EvidenceVector(.values))
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 2, at: start)
    let before = ledger.offsets(at: start)
    ledger.note(.confirmed, of: id(2), evidence: vector(9, 0), limit: 2, at: start)
    #expect(abs(ledger.offsets(at: start)[.jump] - before[.jump] / 2) < 1e-5)
    #expect(
      ledger.offsets(at: start)[.window8] == before[.window8], "a kind that did not count stays")
  }

  @Test func `withdrawn feedback has no effect`() {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 3, at: start)
    let before = ledger
    ledger.note(.falseAlarm, of: id(2), evidence: evidence, limit: 1, at: start)
    #expect(ledger != before)
    let isTaken = ledger.withdraw(id(2))
    let isTakenAgain = ledger.withdraw(id(2))
    #expect(isTaken && !isTakenAgain)
    #expect(ledger == before)
    // The last judgement counts.
    ledger.note(.confirmed, of: id(1), evidence: evidence, limit: 3, at: start)
    #expect(ledger.entries.map(\.judgement) == [.confirmed])
    #expect(ledger.offsets(at: start) == EvidenceVector(.values))
  }

  @Test func `is stored and restored, and refuses what it never stores`() throws {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 3, at: start)
    ledger.note(.confirmed, of: id(2), evidence: evidence, limit: 3, at: start)
    var writer = ByteWriter()
    ledger.encode(to: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try FeedbackLedger(from: &reader) == ledger)
    try reader.requireEnd()
    for length in writer.bytes.indices {
      var cut = ByteReader(Array(writer.bytes[..<length]))
      #expect(throws: ByteReaderError.self) { _ = try FeedbackLedger(from: &cut) }
    }
    var bytes = writer.bytes
    bytes[17] = 9
    var bad = ByteReader(bytes)
    #expect(throws: ByteReaderError.self) { _ = try FeedbackLedger(from: &bad) }
    for decades: Float in [3.6, -4, 1e30, -1e30, .infinity, .nan] {
      var bytes = writer.bytes
      withUnsafeBytes(of: decades.bitPattern.littleEndian) {
        bytes.replaceSubrange(28..<32, with: $0)
      }
      var bad = ByteReader(bytes)
      #expect(throws: ByteReaderError.self) { _ = try FeedbackLedger(from: &bad) }
    }
  }

  @Test func `a false alarm on a trace quiets only the evidence that contributed`() throws {
    let detector = SequenceDetector(scratch: SymbolTraining())
    var index = 0
    func step(_ id: String) -> Verdict {
      index += 1
      return detector.step(Array(id.utf8).span, at: start.advanced(by: .seconds(index)))
    }
    for index in 0..<2_000 { _ = step(["a", "b", "c"][index % 3]) }
    let verdict = step("never seen")
    #expect(verdict.alarm == .first)
    let none = EvidenceVector(.symbols)
    #expect(detector.alarms(on: verdict.evidence, feedbackOffsets: none))
    var ledger = FeedbackLedger()
    ledger.note(
      .falseAlarm, of: id(1), evidence: verdict.evidence, limit: detector.alarmHeadroom, at: start)
    let offsets = ledger.offsets(at: start)
    #expect(offsets.family == .symbols && offsets[.unknown] > 0)
    #expect(offsets[.interval] == 0 && offsets[.jump] == 0)
    let isAtMaximum = offsets.family.kinds.contains { offsets[$0] == FeedbackLedger.maximum }
    #expect(detector.alarms(on: verdict.evidence, feedbackOffsets: offsets) == isAtMaximum)
  }

  @Test func `an event like the false one does not open, and a worse one does`() {
    let detector = ValueDetector(scratch: TrainingScratch())
    var random = SystemRandomNumberGenerator()
    var ledger = FeedbackLedger()
    var seen = 0
    func step(_ value: Double) -> Verdict {
      seen += 1
      return detector.step(
        Sample(timestamp: start.advanced(by: .seconds(60 * seen)), value: value))
    }
    for _ in 0..<2_000 { _ = step(Double.random(in: 0..<1, using: &random)) }
    let verdict = step(3)
    #expect(verdict.opensEvent)
    #expect(detector.alarms(on: verdict.evidence, feedbackOffsets: EvidenceVector(.values)))
    ledger.note(
      .falseAlarm, of: id(1), evidence: verdict.evidence, limit: detector.alarmHeadroom, at: start)
    let offsets = ledger.offsets(at: start)
    let isAtMaximum = offsets.family.kinds.contains { offsets[$0] == FeedbackLedger.maximum }
    // Below the maximum the offsets suffice. At the maximum they may, too: what is taken from the jump is
    // taken once more from the new value, which counts no more than the jump that comes with it.
    #expect(isAtMaximum || !detector.alarms(on: verdict.evidence, feedbackOffsets: offsets))
    var worse = verdict.evidence
    for kind in worse.family.kinds { worse[kind] += 4 }
    #expect(detector.alarms(on: worse, feedbackOffsets: offsets))
    ledger.withdraw(id(1))
    #expect(
      detector.alarms(on: verdict.evidence, feedbackOffsets: ledger.offsets(at: start)))
  }
}
