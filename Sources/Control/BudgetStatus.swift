/// How the alarm budget of the host stands.
public struct BudgetStatus: Codable, Equatable, Sendable {
  /// Alarms a day on the whole host (`AlarmBudget=`).
  public let alarmsPerDay: Double
  /// Normal samples per alarm that this allows each metric which shares it.
  public let samplesPerAlarm: Double
  /// Alarms told that are not paid back yet; they raise thresholds.
  public let overdraft: Double

  /// These facts.
  public init(alarmsPerDay: Double, samplesPerAlarm: Double, overdraft: Double) {
    self.alarmsPerDay = finite(alarmsPerDay) ?? 0
    self.samplesPerAlarm = finite(samplesPerAlarm) ?? 0
    self.overdraft = finite(overdraft) ?? 0
  }
}
