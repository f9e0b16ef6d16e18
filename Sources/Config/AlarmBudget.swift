import Events

/// `AlarmBudget=`: how many false alarms are put up with.
public enum AlarmBudget: Equatable, Sendable {
  /// So many alarms in such a time on the whole host, shared out over its metrics: `2/day`.
  case host(alarms: Double, per: Duration)
  /// One alarm in so many normal samples of each metric, 10...1e9: `5000`.
  case samples(Double)

  /// Alarms a day of ``standard``.
  public static let standardAlarmsPerDay = HostBudget.standardAlarmsPerDay
  /// What holds where nothing is said.
  public static let standard = AlarmBudget.host(
    alarms: standardAlarmsPerDay, per: .seconds(86_400))

  /// Alarms a day on the whole host; nil where each metric has a budget of its own.
  public var alarmsPerDay: Double? {
    guard case .host(let alarms, let span) = self else { return nil }
    return alarms * 86_400 / (span / .seconds(1))
  }
}

extension ValueSyntax where Value == AlarmBudget {
  static let alarmBudget = ValueSyntax(
    expectation: "alarms per time on the whole host such as 2/day, 1/week or 3/12h, from one in "
      + "100 days to 1000 a day; or a number of samples per alarm and metric from 10 to 1000000000"
  ) { text in
    guard let slash = text.firstIndex(of: "/") else {
      guard let samples = Double(text), SettingsTable.alarmBudgetRange.contains(samples) else {
        return nil
      }
      return .samples(samples)
    }
    let time = String(text[text.index(after: slash)...])
    guard let alarms = Double(String(text[..<slash])), alarms > 0,
      let span = TimeSpan.parse(time.first?.isNumber == true ? time : "1" + time), span > .zero
    else { return nil }
    let budget = AlarmBudget.host(alarms: alarms, per: span)
    guard let perDay = budget.alarmsPerDay, (0.01...1000).contains(perDay) else { return nil }
    return budget
  } format: { budget in
    switch budget {
    case .samples(let samples): return formatNumber(samples)
    case .host(let alarms, let span):
      let names: [Duration: String] = [
        .seconds(3600): "hour", .seconds(86_400): "day", .seconds(604_800): "week",
      ]
      return formatNumber(alarms) + "/" + (names[span] ?? TimeSpan.format(span))
    }
  }
}
