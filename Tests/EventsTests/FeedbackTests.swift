import Detection
import Events
import Glibc
import Series
import Testing

private func id(_ number: UInt64) -> EventID { EventID(high: number, low: number) }
private let start = Timestamp(seconds: 1.7e9)
private let day = 86_400

/// Evidence that exceeds its base by 3 decades for a jump and by 1 for a window.
private let evidence: SIMD8<Float> = [5, 3, 0, 0, 0, 0, 0, 0]

@Suite struct FeedbackTests {
  @Test(arguments: [
    // Just as much as is missing, shared out over the kinds that spoke.
    (evidence, Float(2), Float(2)), (evidence, 3.5, 0.5), (evidence, 1, 3), (evidence, 5, 0),
  ])
  func `a false alarm raises the kinds that spoke by just what is needed`(
    evidence: SIMD8<Float>, limit: Float, needed: Float
  ) {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: limit, at: start)
    let feedbackOffsets = ledger.offsets(at: start)
    #expect(abs(feedbackOffsets.sum() - needed) < 0.02)
    #expect(needed == 0 || abs(feedbackOffsets[0] / feedbackOffsets[1] - 3) < 0.01)
    #expect(feedbackOffsets[2] == 0)
    // Once more changes nothing: an event like it would not open any more.
    ledger.note(.falseAlarm, of: id(2), evidence: evidence, limit: limit, at: start)
    #expect(abs(ledger.offsets(at: start).sum() - needed) < 0.02)
  }

  @Test func `no kind is ever feedbackOffsets by more than the maximum`() {
    var ledger = FeedbackLedger()
    for number in 0..<50 {
      ledger.note(
        .falseAlarm, of: id(UInt64(number)), evidence: SIMD8(repeating: 30), limit: -4, at: start)
    }
    #expect(ledger.entries.count == FeedbackLedger.maximumEntries)
    #expect(ledger.offsets(at: start) == SIMD8(repeating: FeedbackLedger.maximum))
  }

  @Test func `it halves in fourteen days, and is forgotten in the end`() {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 2, at: start)
    let first = ledger.offsets(at: start)
    for halvings in 0..<5 {
      let now = start.advanced(by: .seconds(14 * day * halvings))
      let expected = first[0] * Float(exp2(-Double(halvings)))
      #expect(abs(ledger.offsets(at: now)[0] - expected) < 1e-4)
    }
    #expect(ledger.offsets(at: start.advanced(by: .seconds(-day))) == first)
    let late = start.advanced(by: .seconds(14 * day * 9))
    ledger.note(.confirmed, of: id(2), evidence: evidence, limit: 2, at: late)
    #expect(ledger.entries.map(\.event) == [id(2)])
  }

  @Test func `a confirmation takes half back, and never makes anything more sensitive`() {
    var ledger = FeedbackLedger()
    ledger.note(.confirmed, of: id(9), evidence: evidence, limit: 2, at: start)
    #expect(ledger.offsets(at: start) == SIMD8(repeating: 0))
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 2, at: start)
    let before = ledger.offsets(at: start)
    ledger.note(.confirmed, of: id(2), evidence: [9, 0, 0, 0, 0, 0, 0, 0], limit: 2, at: start)
    #expect(abs(ledger.offsets(at: start)[0] - before[0] / 2) < 1e-5)
    #expect(ledger.offsets(at: start)[1] == before[1], "a kind that did not speak stays")
  }

  @Test func `what is withdrawn has never been`() {
    var ledger = FeedbackLedger()
    ledger.note(.falseAlarm, of: id(1), evidence: evidence, limit: 3, at: start)
    let before = ledger
    ledger.note(.falseAlarm, of: id(2), evidence: evidence, limit: 1, at: start)
    #expect(ledger != before)
    let isTaken = ledger.withdraw(id(2))
    let isTakenAgain = ledger.withdraw(id(2))
    #expect(isTaken && !isTakenAgain)
    #expect(ledger == before)
    // Who changes their mind is taken at the last word.
    ledger.note(.confirmed, of: id(1), evidence: evidence, limit: 3, at: start)
    #expect(ledger.entries.map(\.judgement) == [.confirmed])
    #expect(ledger.offsets(at: start) == SIMD8(repeating: 0))
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
        bytes.replaceSubrange(26..<30, with: $0)
      }
      var bad = ByteReader(bytes)
      #expect(throws: ByteReaderError.self) { _ = try FeedbackLedger(from: &bad) }
    }
  }

  @Test func `an event like the one called false does not open, and a worse one does`() {
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
    #expect(detector.isLoud(verdict.evidence))
    ledger.note(
      .falseAlarm, of: id(1), evidence: verdict.evidence, limit: detector.alarmHeadroom, at: start)
    detector.feedbackOffsets = ledger.offsets(at: start)
    let isAtMaximum = (0..<8).contains { detector.feedbackOffsets[$0] == FeedbackLedger.maximum }
    #expect(detector.isLoud(verdict.evidence) == isAtMaximum)
    #expect(detector.isLoud(verdict.evidence + 4))
    ledger.withdraw(id(1))
    detector.feedbackOffsets = ledger.offsets(at: start)
    #expect(detector.isLoud(verdict.evidence))
  }
}
