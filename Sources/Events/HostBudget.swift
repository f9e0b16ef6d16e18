import Glibc

/// The alarm budget of a whole host, such as two a day, shared by its metrics.
///
/// Every sharing metric alarms when its score says "once in N normal samples", and N is the same
/// for all: the samples that all of them take in a day, divided by the alarms allowed per day.
/// Scores that far out are extrapolated, so actual spending is counted: an alarm is an overdraft
/// that raises thresholds and is paid back at the budget's rate. In the long run no more is spent
/// than the budget allows, however inaccurate the scores are (Gibbs and Candès, "Adaptive conformal
/// inference under distribution shift", NeurIPS 2021, track a quantile in the same way).
public struct HostBudget: Equatable, Sendable {
  /// Never more than one alarm in this many normal samples of one metric, however few metrics share
  /// the budget: the default for a single metric.
  public static let fewestSamplesPerAlarm = 5000.0
  /// Default number of false alarms per host and day.
  public static let standardAlarmsPerDay = 2.0
  /// Upper limit for that number, since scores end at 12 decades.
  private static let mostSamplesPerAlarm = 1e11
  /// Decades by which the threshold of every sharing metric rises when the overdraft doubles.
  private static let rise = 0.3
  /// The largest overdraft, in alarms: limits how long thresholds stay raised after the worst day.
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

  /// A budget without sharing metrics and without debt.
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

  /// The part of that which is due to the size of the host rather than to debt.
  public var sizeOffset: Double { baseOffset }

  /// Admits a restored share; a new one needs no call.
  public mutating func admit(_ share: BudgetShare) {
    if share.overdraft > 0 { overdrawnShares += 1 }
    changeSamplesPerDay(by: share.samplesPerDay)
  }

  /// Releases the share of a metric that is no longer monitored.
  public mutating func release(_ share: BudgetShare) {
    if share.overdraft > 0 { overdrawnShares -= 1 }
    changeSamplesPerDay(by: -share.samplesPerDay)
  }

  /// A sample of a sharing metric was judged: time has passed.
  /// - Parameter interval: the metric's usual nanoseconds between two samples; 0: unknown.
  public mutating func earn(_ share: inout BudgetShare, interval: Int64) {
    if interval > 0 {
      let rate = 86_400e9 / Double(interval)
      // Learnt intervals jitter; a change of 1% affects no threshold.
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
  /// - Parameter beginsIncident: whether it is the first of its incident. Later ones cost their
  ///   metrics but not the host, since people are paged once per incident.
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
