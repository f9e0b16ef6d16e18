/// The alarms of several runs with different seeds, on one series of the benchmark.
public struct NABOutcome: Equatable, Sendable {
  /// The alarms of one run.
  public struct Run: Equatable, Sendable {
    /// Rows at which the detector opened an event.
    public var alarms: [Int]
    /// Rows at which it would have with other budgets; the same budgets in all outcomes.
    public var alternatives: [[Int]]

    /// A run with these alarms.
    public init(alarms: [Int], alternatives: [[Int]]) {
      self.alarms = alarms
      self.alternatives = alternatives
    }
  }

  /// The series.
  public var series: NABSeries
  /// One run per seed, in all outcomes the same seeds.
  public var runs: [Run]

  /// These runs on that series.
  public init(series: NABSeries, runs: [Run]) {
    self.series = series
    self.runs = runs
  }

  /// The score of each run over all outcomes with the detector's own alarms.
  public static func total(of outcomes: [NABOutcome], profile: NABProfile) -> NABTotal {
    total(of: outcomes) { outcomes, run in
      score(outcomes, profile) { $0.runs[run].alarms }
    }
  }

  /// The same with the one budget for all outcomes, of the alternatives and the detector's own,
  /// that is best for each run: the result of a threshold chosen in hindsight, on the series that
  /// are scored. For information; it cannot be known in advance.
  public static func hindsight(of outcomes: [NABOutcome], profile: NABProfile) -> NABTotal {
    total(of: outcomes) { outcomes, run in
      let own = score(outcomes, profile) { $0.runs[run].alarms }
      let count = outcomes.first?.runs[run].alternatives.count ?? 0
      return (0..<count).reduce(own) { best, budget in
        let other = score(outcomes, profile) { $0.runs[run].alternatives[budget] }
        return other.raw > best.raw ? other : best
      }
    }
  }

  private static func total(
    of outcomes: [NABOutcome],
    score: ([NABOutcome], Int) -> NABScore
  ) -> NABTotal {
    let runs = outcomes.first?.runs.count ?? 0
    precondition(runs > 0, "a total needs at least one run on one series")
    precondition(outcomes.allSatisfy { $0.runs.count == runs }, "all series have the same runs")
    return NABTotal(runs: (0..<runs).map { score(outcomes, $0) })
  }

  private static func score(
    _ outcomes: [NABOutcome],
    _ profile: NABProfile,
    alarms: (NABOutcome) -> [Int]
  ) -> NABScore {
    outcomes.reduce(into: NABScore()) {
      $0 += NABScore(alarms: alarms($1), in: $1.series, profile: profile)
    }
  }
}
