import Evaluation
import Series
import Testing

/// The three profiles of the benchmark's own `config/profiles.json`.
let standard = NABProfile(
  name: "standard",
  truePositiveWeight: 1,
  falsePositiveWeight: 0.11,
  falseNegativeWeight: 1
)
let rewardLowFalsePositives = NABProfile(
  name: "reward_low_FP_rate",
  truePositiveWeight: 1,
  falsePositiveWeight: 0.22,
  falseNegativeWeight: 1
)
let rewardLowFalseNegatives = NABProfile(
  name: "reward_low_FN_rate",
  truePositiveWeight: 1,
  falsePositiveWeight: 0.11,
  falseNegativeWeight: 2
)

@Suite struct NABScoreTests {
  /// Expected values: 2 / (1 + exp(5 p)) - 1 over 0.98661, evaluated by hand with Python.
  @Test(arguments: [(40, 1.0), (45, 0.859792567), (49, 0.248241550)])
  func `rewards an early alarm in a window more than a late one`(row: Int, raw: Double) throws {
    let labelled = try series(100, windows: [40...49])
    let score = NABScore(alarms: [row], in: labelled, profile: standard)
    #expect(abs(score.raw - raw) < 1e-9)
    #expect(score.detectedWindows == 1)
    #expect(score.falseAlarms == 0)
  }

  @Test(arguments: [(20, -1.0), (39, -1), (50, -0.270847119), (58, -0.986614298), (77, -1)])
  func `forgives a false alarm just after a window`(row: Int, penalty: Double) throws {
    let labelled = try series(100, windows: [40...49])
    let score = NABScore(alarms: [40, row], in: labelled, profile: rewardLowFalsePositives)
    #expect(abs(score.raw - (1 + 0.22 * penalty)) < 1e-9)
    #expect(score.falseAlarms == 1)
  }

  @Test func `counts only the best alarm of a window`() throws {
    let labelled = try series(100, windows: [40...49])
    let early = NABScore(alarms: [42], in: labelled, profile: standard)
    let many = NABScore(alarms: [49, 42, 45, 42], in: labelled, profile: standard)
    #expect(abs(many.raw - early.raw) < 1e-12)
    #expect(many.detectedWindows == 1)
  }

  @Test func `ignores alarms in the probation, even within a window that begins there`() throws {
    let labelled = try series(100, windows: [10...29])
    let score = NABScore(alarms: [3, 12, 14], in: labelled, profile: standard)
    #expect(score.raw == -1)
    #expect(score.falseAlarms == 0)
    #expect(NABScore(alarms: [15], in: labelled, profile: standard).raw > 0)
  }

  @Test func `accepts a window of a single row, after which every alarm is entirely false`() throws
  {
    let labelled = try series(100, windows: [40...40])
    let score = NABScore(alarms: [40, 41], in: labelled, profile: standard)
    #expect(abs(score.raw - (1 - 0.11)) < 1e-12)
  }

  @Test(arguments: [standard, rewardLowFalsePositives, rewardLowFalseNegatives])
  func `scores the perfect detector 100 and one without alarms 0`(profile: NABProfile) throws {
    let labelled = try series(200, windows: [40...49, 90...109])
    let perfect = NABScore(alarms: [40, 90], in: labelled, profile: profile)
    let silent = NABScore(alarms: [], in: labelled, profile: profile)
    let normalised = try #require(perfect.normalised)
    #expect(abs(normalised - 100) < 1e-9)
    #expect(silent.normalised == 0)
  }

  @Test func `goes below zero when false alarms outweigh the hits`() throws {
    let labelled = try series(200, windows: [190...199])
    let score = NABScore(alarms: 40..<60, in: labelled, profile: standard)
    let normalised = try #require(score.normalised)
    #expect(abs(normalised + 110) < 1e-9)
  }

  @Test func `adds up over series before it normalises`() throws {
    let hit = NABScore(
      alarms: [40],
      in: try series(100, windows: [40...49]),
      profile: rewardLowFalseNegatives
    )
    let missed = NABScore(
      alarms: [],
      in: try series(100, windows: [40...49]),
      profile: rewardLowFalseNegatives
    )
    let unlabelled = NABScore(
      alarms: [50],
      in: try series(100),
      profile: rewardLowFalseNegatives
    )
    let total = hit + missed + unlabelled
    #expect(unlabelled.normalised == nil)
    #expect(total.windows == 2)
    #expect(total.detectedWindows == 1)
    // raw 1 - 2 - 0.11, null -4, perfect 2
    let normalised = try #require(total.normalised)
    #expect(abs(normalised - 289.0 / 6) < 1e-9)
  }
}
