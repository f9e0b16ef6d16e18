import Glibc

/// The alarm budget of a whole host, such as two a day, shared by its metrics.
///
/// Every sharing metric alarms where its score says "once in N normal samples", and that
/// number is the same for all: the samples that all of them take in a day, divided by the alarms
/// that a day may have. Scores so far out are extrapolated, so what is really spent is counted: an
/// alarm is an overdraft that raises thresholds and is paid back at the budget's rate. In the long
/// run no more is spent than the budget allows, whatever the scores are worth (Gibbs and Candès,
/// "Adaptive conformal inference under distribution shift", NeurIPS 2021, track a quantile in the
/// same way).
public struct HostBudget: Equatable, Sendable {
  /// Never more than one alarm in this many normal samples of one metric, however few metrics
  /// share: what one metric alone is allowed by default.
  public static let fewestSamplesPerAlarm = 5000.0
  /// False alarms of a whole host and day where nothing else is configured.
  public static let standardAlarmsPerDay = 2.0
  /// Never fewer than one in this many: scores end at 12 decades.
  private static let mostSamplesPerAlarm = 1e11
  /// Decades by which the threshold of every sharing metric rises when the overdraft doubles.
  private static let rise = 0.3
  /// The largest overdraft, in alarms: after the worst day, thresholds are back to normal once as
  /// many alarms have been paid for.
  private static let largestOverdraft = 32.0

  /// Alarms a day, > 0.
  public let alarmsPerDay: Double
  /// Reported alarms that have not been paid back yet, 0...32.
  public private(set) var overdraft = 0.0
  /// Normal samples of a metric per alarm, 5000...1e11.
  public private(set) var samplesPerAlarm = HostBudget.fewestSamplesPerAlarm
  /// Samples a day of all sharing metrics whose interval is known.
  public private(set) var samplesPerDay = 0.0
  private var overdrawnShares = 0
  private var baseOffset = 0.0

  /// A budget in which nothing is shared and nothing spent.
  /// - Parameter alarmsPerDay: > 0.
  public init(alarmsPerDay: Double) {
    precondition(alarmsPerDay > 0 && alarmsPerDay.isFinite, "a budget allows some alarms a day")
    self.alarmsPerDay = alarmsPerDay
  }

  /// Resumes with an overdraft that was stored, or carried over from another budget.
  public mutating func resume(overdraft: Double) {
    self.overdraft = max(0, min(HostBudget.largestOverdraft, overdraft))
  }

  /// Decades by which a sharing metric's threshold exceeds that of a metric with a budget of
  /// ``fewestSamplesPerAlarm`` of its own.
  public func budgetOffset(_ share: BudgetShare) -> Double {
    var budgetOffset = baseOffset + share.budgetOffset
    if overdraft > 0 { budgetOffset += HostBudget.rise * log2(1 + overdraft) }
    return budgetOffset
  }

  /// The part of that which comes from the size of the host, not from what was spent.
  public var sizeOffset: Double { baseOffset }

  /// Admits a share that was stored; a fresh one needs no call.
  public mutating func admit(_ share: BudgetShare) {
    if share.overdraft > 0 { overdrawnShares += 1 }
    changeSamplesPerDay(by: share.samplesPerDay)
  }

  /// Releases the share of a metric that is no longer watched.
  public mutating func release(_ share: BudgetShare) {
    if share.overdraft > 0 { overdrawnShares -= 1 }
    changeSamplesPerDay(by: -share.samplesPerDay)
  }

  /// A sample of a sharing metric was judged: time has passed.
  /// - Parameter interval: the metric's usual nanoseconds between two samples; 0: not known.
  public mutating func earn(_ share: inout BudgetShare, interval: Int64) {
    if interval > 0 {
      let rate = 86_400e9 / Double(interval)
      // Learnt intervals jitter; a hundredth changes no threshold.
      if abs(rate - share.samplesPerDay) > 0.01 * rate {
        changeSamplesPerDay(by: rate - share.samplesPerDay)
        share.samplesPerDay = rate
      }
    }
    if overdraft > 0 { overdraft = max(0, overdraft - 1 / samplesPerAlarm) }
    guard share.overdraft > 0, share.samplesPerDay > 0 else { return }
    share.overdraft -= alarmsPerDay / (Double(overdrawnShares) * share.samplesPerDay)
    guard share.overdraft <= 0 else { return }
    share.overdraft = 0
    overdrawnShares -= 1
  }

  /// An alarm of a sharing metric was reported.
  /// - Parameter beginsIncident: it is the first of its incident. The others of an incident cost
  ///   their metrics, but not the host, since one fault calls people once.
  public mutating func spend(_ share: inout BudgetShare, beginsIncident: Bool) {
    if share.overdraft == 0 { overdrawnShares += 1 }
    share.overdraft = min(BudgetShare.largestOverdraft, share.overdraft + 1)
    if beginsIncident { overdraft = min(HostBudget.largestOverdraft, overdraft + 1) }
  }

  private mutating func changeSamplesPerDay(by change: Double) {
    samplesPerDay = max(0, samplesPerDay + change)
    samplesPerAlarm = min(
      HostBudget.mostSamplesPerAlarm,
      max(HostBudget.fewestSamplesPerAlarm, samplesPerDay / alarmsPerDay))
    baseOffset = log10(samplesPerAlarm / HostBudget.fewestSamplesPerAlarm)
  }
}
