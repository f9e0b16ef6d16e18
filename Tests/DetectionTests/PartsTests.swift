import Detection
import Networks
import Series
import Testing

/// The detector's parts compared with plain recomputation.
@Suite struct PartsTests {
  @Test(arguments: [1, 3])
  func `the value memory measures to the nearest earlier value, a lag apart`(lag: Int) {
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: ValueMemory.floatCount)
    memory.initialize(repeating: 0, count: ValueMemory.floatCount)
    defer { memory.deallocate() }
    var values = ValueMemory(lag: lag, values: memory)
    var random = XorShift(seed: 4)
    var seen: [Float] = []
    for index in 0..<20_000 {
      let value = Float(random.gaussian() * (index > 10_000 ? 3 : 1))
      let found = values.distance(value)
      let remembered = seen.dropLast(lag)
      if let low = remembered.min(), let high = remembered.max() {
        let nearest = remembered.suffix(2000).reduce(Float.infinity) { min($0, abs($1 - value)) }
        // A remembered value represents all within a grid cell of it; thinning adds another.
        #expect(found <= nearest + 2 * (high - low) / 256 + 1e-6)
        #expect(value < low || value > high || found <= (high - low) / 2)
      } else {
        #expect(found == 0)
      }
      seen.append(value)
      if seen.count > 4000 { seen.removeFirst(1000) }
    }
  }

  @Test(arguments: [TailCalibrator.Pace.fast, .slow])
  func `a surprise of two decades is about as rare as it says`(
    pace: TailCalibrator.Pace
  ) {
    var calibrator = TailCalibrator(pace)
    var random = XorShift(seed: 7)
    var above = 0
    for index in 0..<220_000 {
      let surprise = calibrator.surprise(abs(random.gaussian()))
      if index >= 20_000, surprise >= 2 { above += 1 }
    }
    #expect((500...4000).contains(above), "\(above) of 200,000 where 2,000 are due")
  }

  @Test func `a calibrator adapts to a new regime within its patience`() {
    var calibrator = TailCalibrator(.slow)
    var random = XorShift(seed: 7)
    for _ in 0..<5000 { _ = calibrator.surprise(abs(random.gaussian())) }
    let first = calibrator.surprise(1000)
    for _ in 0..<1600 { _ = calibrator.surprise(1000 + abs(random.gaussian())) }
    #expect(first > 5)
    // At its threshold a value has the surprise of log10(block / p) = 2.2 decades.
    #expect(calibrator.surprise(1000) < 2.5)
  }

  @Test func `stillness is measured after a huge change as before it`() throws {
    let changes = UnsafeMutablePointer<UInt16>.allocate(capacity: QuietEvidence.window)
    changes.initialize(repeating: 0, count: QuietEvidence.window)
    defer { changes.deallocate() }
    var quiet = QuietEvidence(changes: changes)
    _ = quiet.evidence(1e20)
    var last = 0.0
    for _ in 0..<200_000 { last = quiet.evidence(0.1) ?? last }
    // The usual change divided by the recent one, both 0.1, and the damping in the denominator.
    #expect(abs(last - 1 / 1.02) < 1e-3)
  }

  @Test func `stillness from the start is as still as after the first change`() {
    let changes = UnsafeMutablePointer<UInt16>.allocate(capacity: QuietEvidence.window)
    changes.initialize(repeating: 0, count: QuietEvidence.window)
    defer { changes.deallocate() }
    var quiet = QuietEvidence(changes: changes)
    for _ in 0..<100 { _ = quiet.evidence(0) }
    let before = quiet.evidence(0) ?? 0
    _ = quiet.evidence(1)
    var after = 0.0
    for _ in 0..<QuietEvidence.window { after = quiet.evidence(0) ?? 0 }
    #expect(abs(before - after) < 0.01)
  }

  @Test func `one event per episode, a new one only after the hold-off`() {
    var threshold = AlarmThreshold(budget: 5000)
    var opened: [Int] = []
    for sample in 0..<1000 {
      let isHigh = (400..<405).contains(sample) || sample == 420 || sample == 460
      let alarm = threshold.judge(isHigh ? 6 : 1, seen: sample)
      if alarm.opens { opened.append(sample) }
      #expect(alarm.isHeld == ((400..<450).contains(sample) || (460..<490).contains(sample)))
    }
    #expect(opened == [400, 460])
  }

  @Test func `a jump away from normal begins another episode after eight calm samples`() {
    var threshold = AlarmThreshold(budget: 5000)
    var alarms: [Int: Alarm] = [:]
    // A spike, one too soon after it, one that is another anomaly, its end, and a change that only
    // the windows detect.
    let high = [400: 50.0, 407: 50, 415: 50, 425: 0, 440: 90]
    var value = 0.0
    for sample in 0..<500 {
      value = high[sample] ?? (sample < 415 || sample >= 425 ? 0 : 50)
      let isAlarming = high[sample] != nil
      let ruling = threshold.judge(
        isAlarming ? 6 : 1, seen: sample, value: value, renews: sample != 440)
      if isAlarming { alarms[sample] = ruling.alarm }
    }
    #expect(
      alarms == [400: .first, 407: .further, 415: .renewed, 425: .further, 440: .further])
  }

  @Test(arguments: [(5_000, 0, 300), (864_000, 0, 864), (5_000, 2.5, 1_581), (4e6, 1, 2_000)])
  func `the rarer alarms are to be, the longer the warm-up`(
    budget: Double, budgetOffset: Double, samples: Int
  ) {
    var threshold = AlarmThreshold(budget: budget)
    #expect(threshold.warmUp(budgetOffset: budgetOffset) == samples)
    #expect(!threshold.judge(12, seen: samples - 1, budgetOffset: budgetOffset).isAlarming)
    #expect(
      threshold.state(seen: samples - 1, isHeld: false, budgetOffset: budgetOffset)
        == .warmingUp(seen: samples - 1, needed: samples))
    #expect(threshold.judge(12, seen: samples, budgetOffset: budgetOffset).opens)
    #expect(threshold.state(seen: samples, isHeld: true, budgetOffset: budgetOffset) == .anomalous)
  }

  @Test func `during it an early alarm is possible, far above the threshold`() {
    for (score, seen, opens) in [
      (12, 299, false), (12, 300, true), (7, 300, false), (7.3, 500, true),
    ]
      as [(Float, Int, Bool)]
    {
      var threshold = AlarmThreshold(budget: 5000)
      let ruling = threshold.judge(
        score, seen: seen, budgetOffset: 2.5, warmUpOffset: 2.5, mayAlarmEarly: true)
      #expect(ruling.opens == opens, "\(score) after \(seen)")
      #expect(!threshold.judge(score, seen: seen, budgetOffset: 2.5).isAlarming)
      let expected = opens ? DetectorState.anomalous : .warmingUp(seen: seen, needed: 1_581)
      #expect(
        threshold.state(seen: seen, isHeld: ruling.isHeld, budgetOffset: 2.5) == expected)
    }
    var threshold = AlarmThreshold(budget: 5000)
    #expect(threshold.judge(7, seen: 400, budgetOffset: 2.5, warmUpOffset: 0).opens)
  }

  @Test func `each event raises the threshold for some time`() {
    var threshold = AlarmThreshold(budget: 5000)
    let before = threshold.current(budgetOffset: 0)
    _ = threshold.judge(6, seen: 500)
    #expect(abs(threshold.current(budgetOffset: 0) - before - 0.2) < 1e-9)
    for sample in 501..<760 { _ = threshold.judge(0, seen: sample) }
    #expect(threshold.current(budgetOffset: 0) == before)
  }

  @Test(arguments: [
    (0, 3, 0), (86_399, 3, 1023), (1_767_571_200, 0, 0), (1_767_571_200 - 1, 6, 1023),
    (-1, 2, 1023),
  ])
  func `time of day and weekday, from Monday`(seconds: Int64, weekday: Int, day: Int) {
    let phase = Phase(Timestamp(nanoseconds: seconds * 1_000_000_000))
    #expect(phase.day == day)
    #expect(phase.week == (weekday * 1024 + day) / 7)
  }

  /// A job at 03:03, up to half an hour late.
  @Test(arguments: [[0], [0, 31, 12, 24, 5, 19]])
  func `a daily jump at about the same time is forgiven`(delays: [Int]) {
    let profile = UnsafeMutablePointer<UInt16>.allocate(capacity: DailyProfile.bins)
    let visits = UnsafeMutablePointer<UInt16>.allocate(capacity: DailyProfile.span)
    profile.initialize(repeating: 0, count: DailyProfile.bins)
    visits.initialize(repeating: 0, count: DailyProfile.span)
    defer {
      profile.deallocate()
      visits.deallocate()
    }
    var forgiveness = DailyProfile(profile: profile, visits: visits)
    var atJump: [Double] = []
    for minute in 0..<(20 * 1440) {
      let isJob = minute % 1440 == 183 + delays[minute / 1440 % delays.count]
      let left = forgiveness.remaining(
        isJob ? 100 : 1, at: Timestamp(seconds: Double(minute * 60)), usual: 1)
      if isJob { atJump.append(left) } else { #expect(left <= 1) }
    }
    #expect(atJump[0] == 100)
    #expect(atJump[19] < 10)
  }
}
