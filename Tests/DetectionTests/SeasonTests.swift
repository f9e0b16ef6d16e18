import Detection
import Glibc
import Networks
import Series
import Testing

/// What a detector knows about days and weeks (docs/detector.md, sections 3 and 5), and the weight
/// of new values alone (section 6).
@Suite struct SeasonTests {
  /// Samples in a day.
  private static let day = 96
  private static let start = 1_767_571_200.0  // a Monday

  /// High on working days, except for those in `holidays`, one sample every quarter of an hour.
  private static func load(days: Int, holidays: Set<Int> = []) -> [Double] {
    var random = XorShift(seed: 1)
    var level = 0.0
    return (0..<days * day).map { index in
      level = 0.95 * level + random.gaussian()
      let today = index / day
      let phase = Double(index % day) / Double(day)
      let works = today % 7 < 5 && !holidays.contains(today)
      return 100 + level + (works ? 60 * max(0, sin(2 * .pi * (phase - 0.25))) : 5)
    }
  }

  private static func sample(_ index: Int, _ value: Double) -> Sample {
    Sample(timestamp: Timestamp(seconds: start + 900 * Double(index)), value: value)
  }

  @Test func `a holiday alarms, and is not expected a week later`() {
    let detector = ValueDetector(scratch: TrainingScratch())
    var alarming: [Int: Float] = [:]
    for (index, value) in SeasonTests.load(days: 37, holidays: [24, 29]).enumerated() {
      let verdict = detector.step(SeasonTests.sample(index, value))
      let season = max(verdict.evidence[.season], verdict.evidence[.season32])
      if index < 14 * SeasonTests.day { #expect(season == 0, "no two weeks yet") }
      alarming[index / SeasonTests.day, default: 0] = max(
        alarming[index / SeasonTests.day] ?? 0, verdict.evidence[.season32])
    }
    // Day 24 is a Thursday, day 31 the next one: the holiday must not have become the rule.
    #expect(alarming[24]! > 3.5, "\(alarming)")
    #expect(alarming[31]! < alarming[24]! - 1, "\(alarming)")
  }

  @Test func `without a clock there is no season`() {
    let detector = ValueDetector(scratch: TrainingScratch())
    for value in SeasonTests.load(days: 20) {
      let verdict = detector.step(Sample(timestamp: Timestamp(seconds: 0), value: value))
      #expect(verdict.evidence[.season] == 0 && verdict.evidence[.season32] == 0)
    }
  }

  @Test func `the season makes forecasts better where the network alone is slow`() {
    let detector = ValueDetector(scratch: TrainingScratch())
    var (errors, steps, last) = (0.0, 0.0, 0.0)
    var random = XorShift(seed: 2)
    for index in 0..<21 * SeasonTests.day {
      // A level for each hour, as different from the previous one as from any other.
      let hour = index % SeasonTests.day / 4
      let value = Double(hour * 7919 % 24) + 0.2 * random.gaussian()
      let verdict = detector.step(SeasonTests.sample(index, value))
      if index >= 14 * SeasonTests.day {
        errors += (value - verdict.expected) * (value - verdict.expected)
        steps += (value - last) * (value - last)
      }
      last = value
    }
    #expect((errors / steps).squareRoot() < 0.5, "\((errors / steps).squareRoot())")
  }

  @Test func `state of the version before continues with an empty season`() throws {
    let detector = ValueDetector(scratch: TrainingScratch())
    let values = SeasonTests.load(days: 18)
    for (index, value) in values.enumerated() {
      _ = detector.step(SeasonTests.sample(index, value))
    }
    // Version 4 ended where the parts of version 5 begin.
    var old = detector.encode()
    #expect(old[0] == 5)
    old[0] = 4
    var restored: (any Detector)?
    while restored == nil, old.count > 1000 {
      restored = try? detector.restored(from: old, configuration: detector.configuration)
      old.removeLast()
    }
    let older = try #require(restored)
    #expect(older.seen == detector.seen)
    let next = SeasonTests.sample(values.count, values[3 * SeasonTests.day])
    #expect(detector.step(next).evidence[.season] > 0)
    #expect(older.step(next).evidence[.season] == 0)
  }

  @Test func `a part of the state that is no longer known is skipped`() throws {
    let detector = ValueDetector(scratch: TrainingScratch())
    for (index, value) in SeasonTests.load(days: 3).enumerated() {
      _ = detector.step(SeasonTests.sample(index, value))
    }
    // The parts come last: their number, then id, length and content of each. Part 1 was stored until
    // the dependence between kinds of evidence was no longer learnt.
    let state = detector.encode()
    func number(_ place: Int, bytes: Int) -> Int {
      state[place..<(place + bytes)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let known: [UInt8] = [0, 2, 3, 4]
    let start = try #require(
      (0..<(state.count - 8)).last { start in
        guard state[start..<(start + 8)].elementsEqual([4, 0, 0, 0, 0, 0, 0, 0]) else {
          return false
        }
        var place = start + 8
        for id in known {
          guard place + 12 <= state.count, state[place] == id, number(place, bytes: 8) == Int(id)
          else { return false }
          place += 12 + number(place + 8, bytes: 4)
        }
        return place == state.count
      })
    var older = state
    older[start] = 5
    let dependence: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 7, 7, 7]
    let second = start + 8 + 12 + number(start + 16, bytes: 4)
    older.insert(contentsOf: dependence, at: second)
    let restored = try detector.restored(from: older, configuration: detector.configuration)
    #expect(restored.encode() == state)
  }

  @Test func `a new value needs a surprising forecast or shape`() {
    let detector = ValueDetector(scratch: TrainingScratch())
    for (index, value) in SeasonTests.load(days: 10).enumerated() {
      _ = detector.step(SeasonTests.sample(index, value))
    }
    let none = EvidenceVector(.values)
    var evidence = none
    evidence[.value] = 25
    evidence[.value3] = 25
    #expect(!detector.alarms(on: evidence, feedbackOffsets: none))
    evidence[.jump] = 4
    #expect(detector.alarms(on: evidence, feedbackOffsets: none))
  }

  @Test func `redundant evidence is counted once`() {
    let detector = ValueDetector(
      configuration: DetectorConfiguration(alarmBudget: 5000), scratch: TrainingScratch())
    for (index, value) in SeasonTests.load(days: 10).enumerated() {
      _ = detector.step(SeasonTests.sample(index, value))
    }
    let none = EvidenceVector(.values)
    let headroom = detector.alarmHeadroom
    var evidence = none
    evidence[.drift] = 2 + 0.7 * headroom
    evidence[.season32] = 2.3 + 0.7 * headroom
    #expect(!detector.alarms(on: evidence, feedbackOffsets: none))
    evidence[.jump] = evidence[.drift]
    #expect(detector.alarms(on: evidence, feedbackOffsets: none))
  }

  @Test(
    arguments: [.corroboration, .experience, .echoes, .seasonalForecast] as [DetectorParts])
  func `each rule that a measurement can leave out has an effect`(part: DetectorParts) {
    var values = SeasonTests.load(days: 22, holidays: [21])
    values[17 * SeasonTests.day] += 200
    // Slowly to a value that it has never had.
    for step in 0..<40 { values[18 * SeasonTests.day + step] += 3 * Double(step) }
    let detectors = [[], part].map {
      ValueDetector(
        configuration: DetectorConfiguration(alarmBudget: 5000), scratch: TrainingScratch(),
        omitting: $0)
    }
    let scores = detectors.map { detector in
      values.enumerated().map { detector.step(SeasonTests.sample($0, $1)).score }
    }
    let differs = scores[0] != scores[1]
    #expect(differs)
  }

  @Test func `a rarity that cannot be known yet requires much more evidence`() {
    let budget = DetectorConfiguration(alarmBudget: 1_000_000)
    let detector = ValueDetector(configuration: budget, scratch: TrainingScratch())
    for (index, value) in SeasonTests.load(days: 4).enumerated() {
      _ = detector.step(SeasonTests.sample(index, value))
    }
    // log10 of 384 samples, and one decade: from there on a quarter of the rate, of 0.42 a decade.
    let known = log10(384.0) + 1
    let expected = (known + (6 - known) * 4 - 2.95) / 0.42
    #expect(abs(Double(detector.alarmHeadroom) - expected) < 0.2, "\(detector.alarmHeadroom)")
  }
}
