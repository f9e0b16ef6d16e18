import Events

/// Section `[Detector]`: settings for every metric.
public struct DetectorSection: Section {
  /// `AlarmBudget=`: how many false alarms are acceptable.
  public var alarmBudget = AlarmBudget.standard
  /// `HoldOff=`: how long a metric must be normal before an event is closed.
  public var holdOff = Duration.seconds(30)
  /// `Merge=`: how soon after a close an opening continues the event.
  public var merge = Duration.zero
  /// `Prior=`: the path of the prior for new metrics; empty: none.
  public var prior = ""
  /// `Seed=`: of the initial random weights of every model.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  static let holdOffRange: ClosedRange<Duration> = .zero ... .seconds(7 * 86_400)

  static let holdOffHelp =
    "How long a metric must be normal, by its time stamps, before its event closes; until then, "
    + "further alarms continue the open event. Independently, the detector waits for 30 samples "
    + "without an alarm, which takes longer for slow metrics. In traces, 500 trace events "
    + "without an alarm always close the event."
  static let mergeHelp =
    "For how long after a close, by time stamps, a new alarm reopens the closed event, under the "
    + "same id and as an update, instead of opening another one. 0: never."

  static let priorHelp =
    "Initial state of new metrics instead of random weights: a file written by anomalyctl models "
    + "export or backtest --export, a directory of such files, from which each metric uses its "
    + "own, or a single-column forecaster from anomalyctl train with --units 8 --horizon 48. "
    + "The network and, if available, its forecast confidence are used; scales, calibration and "
    + "thresholds are learnt from scratch. Such a metric warms up for 300 samples regardless of "
    + "the alarm budget. Metrics with saved state are not affected."

  /// The keys.
  public static let keys: [Key<DetectorSection>] = [
    Key(
      "AlarmBudget",
      \.alarmBudget,
      .alarmBudget,
      "Acceptable number of false alarms. 2/day: for the whole host, shared by all metrics; "
        + "exceeding it raises thresholds until the debt is paid back, and no metric alarms more "
        + "often than once in 5000 normal samples. A plain number: normal samples per alarm, for "
        + "each metric on its own. A smaller budget misses subtler anomalies."
    ),
    Key("HoldOff", \.holdOff, .timeSpan(holdOffRange), holdOffHelp),
    Key("Merge", \.merge, .timeSpan(holdOffRange), mergeHelp),
    Key("Prior", \.prior, .absolutePath, priorHelp, example: "/etc/anomalyd/priors"),
    Key(
      "Seed",
      \.seed,
      .seed,
      "Seed of the random initial weights of every model. The same seed and samples produce the "
        + "same scores."
    ),
  ]
}

/// `AlarmBudget=`: how many false alarms are acceptable.
public enum AlarmBudget: Equatable, Sendable {
  /// A number of alarms per time on the whole host, shared by its metrics: `2/day`.
  case host(alarms: Double, per: Duration)
  /// The number of normal samples of a metric for one alarm, 10...1e9: `5000`.
  case samples(Double)

  /// Normal samples per alarm.
  static let samplesRange = 10.0...1e9
  /// Alarms a day of ``standard``.
  public static let standardAlarmsPerDay = HostBudget.standardAlarmsPerDay
  /// The default.
  public static let standard = AlarmBudget.host(
    alarms: standardAlarmsPerDay, per: .seconds(86_400))

  /// Alarms a day on the whole host; nil if each metric has its own budget.
  public var alarmsPerDay: Double? {
    guard case .host(let alarms, let span) = self else { return nil }
    return alarms * 86_400 / (span / .seconds(1))
  }
}

extension ValueSyntax where Value == AlarmBudget {
  static let alarmBudget = ValueSyntax(
    expectation: "alarms per time for the whole host such as 2/day, 1/week or 3/12h, from one in "
      + "100 days to 1000 a day; or a number of samples per alarm and metric from 10 to 1000000000"
  ) { text in
    guard let slash = text.firstIndex(of: "/") else {
      guard let samples = Double(text), AlarmBudget.samplesRange.contains(samples) else {
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
