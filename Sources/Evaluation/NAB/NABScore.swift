/// The benchmark's score of some alarms with one profile; adds up over series.
public struct NABScore: Equatable, Sendable {
  /// The score as it adds up over windows and false alarms.
  public private(set) var raw = 0.0
  /// The score of a detector that never alarms, on the same series.
  public private(set) var null = 0.0
  /// The score of a detector that alarms at the left edge of each window, and nowhere else.
  public private(set) var perfect = 0.0
  /// Labelled anomalies.
  public private(set) var windows = 0
  /// Labelled anomalies with at least one alarm in their window.
  public private(set) var detectedWindows = 0
  /// Scored alarms, in rows, outside every window.
  public private(set) var falseAlarms = 0

  /// The score of no series at all.
  public init() {}

  /// The score of alarms at `alarms` (rows of `series`, in any order).
  public init(alarms: some Sequence<Int>, in series: NABSeries, profile: NABProfile) {
    self.init(silenceIn: series, profile: profile)
    var best = [Double?](repeating: nil, count: series.windows.count)
    // In order: floating-point sums depend on it, and a set has none.
    for row in Set(alarms).sorted() {
      add(series.meaning(of: row), best: &best, profile: profile)
    }
  }

  /// The score of no alarm at all.
  init(silenceIn series: NABSeries, profile: NABProfile) {
    null = -profile.falseNegativeWeight * Double(series.scorableWindows)
    perfect = profile.truePositiveWeight * Double(series.windows.count)
    windows = series.windows.count
    raw = null
  }

  /// Counts one more alarm; `best` holds the reward of each window that has been hit.
  mutating func add(_ meaning: NABMeaning, best: inout [Double?], profile: NABProfile) {
    switch meaning {
    case .unscored: break
    case .falseAlarm(let penalty):
      falseAlarms += 1
      raw += penalty * profile.falsePositiveWeight
    case .hit(let window, let reward):
      let value = reward * profile.truePositiveWeight
      if let previous = best[window] {
        guard value > previous else { return }
        raw += value - previous
      } else {
        detectedWindows += 1
        raw += value + profile.falseNegativeWeight
      }
      best[window] = value
    }
  }

  /// The score as it is published: 100 for perfect, 0 for silence; nil if nothing is labelled.
  public var normalised: Double? {
    perfect > null ? 100 * (raw - null) / (perfect - null) : nil
  }

  /// The score over the series of both.
  public static func + (lhs: NABScore, rhs: NABScore) -> NABScore {
    var sum = lhs
    sum += rhs
    return sum
  }

  /// Adds the score over further series.
  public static func += (lhs: inout NABScore, rhs: NABScore) {
    lhs.raw += rhs.raw
    lhs.null += rhs.null
    lhs.perfect += rhs.perfect
    lhs.windows += rhs.windows
    lhs.detectedWindows += rhs.detectedWindows
    lhs.falseAlarms += rhs.falseAlarms
  }
}
