import Calendar
import Detection
import Evaluation
import Events
import Monitor
import Series
import Testing

/// Rows in memory.
private final class Rows: Recording {
  let name: String
  private let samples: [Sample]
  private let failsAt: Int?
  private var place = -1

  struct Torn: Error {}

  init(_ name: String, _ samples: [Sample], failsAt: Int? = nil) {
    self.name = name
    self.samples = samples
    self.failsAt = failsAt
  }

  func next() throws -> Timestamp? {
    place += 1
    if place == failsAt { throw Torn() }
    return place < samples.count ? samples[place].timestamp : nil
  }

  func deliver(at moment: Timestamp, into sink: InputSink) {
    guard let metric = sink.metric(named: MetricName(sanitizing: name)) else { return }
    sink.receive(Sample(timestamp: moment, value: samples[place].value), of: metric)
  }
}

/// A noisy wave, one sample a minute, with spikes.
private func wave(_ count: Int, seed: UInt32, spikes: Set<Int>) -> [Sample] {
  var state = seed
  return (0..<count).map { index in
    state = state &* 1_664_525 &+ 1_013_904_223
    let noise = Double(state >> 8) / Double(1 << 24) - 0.5
    let value = 50 + 10 * abs(Double(index % 120) / 120 - 0.5) + noise
    return Sample(timestamp: minute(index), value: spikes.contains(index) ? value + 60 : value)
  }
}

@Suite struct ReplayTests {
  private func monitor(_ silences: SilenceBook = SilenceBook(local: .utc)) -> HostMonitor {
    HostMonitor(limits: .init(metrics: 10, history: 64), hostSeed: 1, silences: silences) { _ in
      .watch(DetectorConfiguration(), sharesHostBudget: true)
    }
  }

  private func minutes(_ order: RecordingMerge) -> [(Int, Int)] {
    var order = order
    var found: [(Int, Int)] = []
    while let (source, moment) = order.next() {
      found.append((source, Int(moment.elapsed(since: minute(0)) / .seconds(60))))
    }
    return found
  }

  private func rows(_ minutes: Int...) -> Rows {
    Rows("x", minutes.map { Sample(timestamp: minute($0), value: 1) })
  }

  @Test func `merges rows in chronological order, ties by recording`() {
    let found = minutes(RecordingMerge([rows(3, 5, 9), rows(), rows(1, 5, 6, 7), rows(5)]))
    #expect(found.map(\.0) == [2, 0, 0, 2, 3, 2, 2, 0])
    #expect(found.map(\.1) == [1, 3, 5, 5, 5, 6, 7, 9])
  }

  @Test func `keeps the order of a recording whose time runs backwards`() {
    let found = minutes(RecordingMerge([rows(3, 1, 2), rows(4)]))
    #expect(found.map(\.1) == [3, 1, 2, 4])
  }

  @Test func `shifts recordings to a common start`() {
    let order = RecordingMerge([rows(3, 4), rows(100, 101), rows(1, 2)], alignsStarts: true)
    #expect(minutes(order).map(\.1) == [3, 3, 3, 4, 4, 4])
  }

  @Test func `events that overlap are one incident, charged once`() {
    let recordings = [
      Rows("a", wave(2_000, seed: 1, spikes: [1_200])),
      Rows("b", wave(2_000, seed: 2, spikes: [1_203, 1_800])),
    ]
    var replay = Replay(recordings, through: monitor())
    var charges: [EventStep.Charge] = []
    while replay.next() {
      charges += replay.steps.compactMap(\.event?.charge).filter { $0 != .nothing }
    }
    let outcome = replay.outcome
    #expect(outcome.events.map(\.event.metric.text) == ["a", "b", "b"])
    #expect(outcome.incidents.map(\.events) == [[0, 1], [2]])
    #expect(outcome.incidents[0].began == outcome.events[0].event.began)
    #expect(outcome.incidents[0].closed != nil)
    #expect(charges == [.host, .share, .host])
    #expect(outcome.metrics.map(\.samples) == [2_000, 2_000])
    #expect(abs(outcome.days - 1_999.0 / 1_440) < 1e-9)
    #expect(abs(outcome.watchedDays - 1_699.0 / 1_440) < 1e-9)
  }

  @Test func `an event that outlasts its silence is notified when the silence ends`() throws {
    let samples = wave(2_000, seed: 1, spikes: Set(1_200..<1_260))
    func silence(until minutes: Int) -> SilenceBook {
      let book = SilenceBook(local: .utc)
      _ = book.add(
        Silence(
          id: "", origin: .call(user: 0, at: minute(0)), metrics: [],
          times: .once(from: minute(1_190), until: minute(minutes)), suppressesAlarms: true,
          suppressesLearning: false, reason: ""), now: minute(0))
      return book
    }
    var short = Replay([Rows("a", samples)], through: monitor(silence(until: 1_210)))
    var notified: [Timestamp] = []
    while short.next() {
      if short.steps.contains(where: { $0.event?.charge == .host }) {
        notified.append(short.monitor.now)
      }
    }
    // The newest sample before was still covered.
    #expect(notified == [minute(1_211)])
    #expect(short.outcome.events.map(\.mutedBy) == [nil])
    var long = Replay([Rows("a", samples)], through: monitor(silence(until: 1_999)))
    long.run()
    #expect(long.outcome.events.map(\.mutedBy) == ["1"])
    #expect(long.outcome.incidents.map(\.isNotified) == [false])
    #expect(long.monitor.budget.overdraft == 0)
  }

  @Test func `a truncated recording ends alone, and a metric comes from one recording`() {
    let samples = wave(300, seed: 1, spikes: [])
    var replay = Replay(
      [Rows("a", samples, failsAt: 100), Rows("b", samples), Rows("b", samples)],
      through: monitor())
    replay.run()
    #expect(replay.outcome.metrics.map(\.samples) == [100, 300])
    #expect(replay.outcome.failures == [0: "Torn()"])
    #expect(replay.outcome.conflicts[1] == nil)
    #expect(replay.outcome.conflicts[2]?.metric.text == "b")
  }
}
