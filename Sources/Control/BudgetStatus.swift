/// State of the host's alarm budget.
public struct BudgetStatus: Codable, Equatable, Sendable {
  /// Alarms per day on the whole host (`AlarmBudget=`).
  public let alarmsPerDay: Double
  /// Normal samples per alarm that this allows each metric sharing it.
  public let samplesPerAlarm: Double
  /// Alarms charged and not paid back yet; they raise thresholds.
  public let overdraft: Double

  /// Creates a status.
  public init(alarmsPerDay: Double, samplesPerAlarm: Double, overdraft: Double) {
    self.alarmsPerDay = finite(alarmsPerDay) ?? 0
    self.samplesPerAlarm = finite(samplesPerAlarm) ?? 0
    self.overdraft = finite(overdraft) ?? 0
  }
}
