import Events

/// Section `[Detector]`: what applies to every metric.
public struct DetectorSection: Section {
  /// `AlarmBudget=`: how many false alarms are acceptable.
  public var alarmBudget = AlarmBudget.standard
  /// `HoldOff=`: how long a metric must be normal before an event is closed.
  public var holdOff = Duration.seconds(30)
  /// `Merge=`: how soon after a close an opening continues the event.
  public var merge = Duration.zero
  /// `Prior=`: the path of what new metrics begin with; empty: nothing.
  public var prior = ""
  /// `Seed=`: of the random weights that every model begins with.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  static let holdOffRange: ClosedRange<Duration> = .zero ... .seconds(7 * 86_400)

  static let holdOffHelp =
    "How long a metric must be normal, by its time stamps, before its event is closed; until then a "
    + "new alarm continues the open event. In addition the detector itself waits for 30 samples "
    + "without an alarm, which takes longer for slow metrics. In a trace, 500 trace events without "
    + "an alarm end the event in any case."
  static let mergeHelp =
    "How soon after a close, by time stamps, a new alarm continues the closed event, under its id "
    + "and as an update, instead of opening another one. 0: never."

  static let priorHelp =
    "What a new metric begins with instead of random weights: a file of anomalyctl models export or of "
    + "backtest --export, a folder of such files, of which that of the same metric counts, or a forecaster "
    + "of one column from anomalyctl train with --units 8 --horizon 48. The network and, where it is known, "
    + "how far it is believed are taken over; scales, calibration and thresholds are learnt anew. Such a "
    + "metric warms up for 300 samples, however rare alarms are to be. A metric that has saved state "
    + "continues from that."

  /// The keys.
  public static let keys: [Key<DetectorSection>] = [
    Key(
      "AlarmBudget",
      \.alarmBudget,
      .alarmBudget,
      "How many false alarms are acceptable. 2/day: on the whole host, shared by its metrics; "
        + "spending more raises the thresholds until it is paid back, and no metric alarms more "
        + "often than once in 5000 normal samples. A plain number: for each metric by itself, how "
        + "many normal samples may pass for one alarm. Fewer alarms miss subtler anomalies."
    ),
    Key("HoldOff", \.holdOff, .timeSpan(holdOffRange), holdOffHelp),
    Key("Merge", \.merge, .timeSpan(holdOffRange), mergeHelp),
    Key("Prior", \.prior, .absolutePath, priorHelp, example: "/etc/anomalyd/priors"),
    Key(
      "Seed",
      \.seed,
      .seed,
      "The seed of the random weights that every model begins with. The same seed and samples give "
        + "the same scores."
    ),
  ]
}

/// `AlarmBudget=`: how many false alarms are acceptable.
public enum AlarmBudget: Equatable, Sendable {
  /// A number of alarms in a time on the whole host, shared by its metrics: `2/day`.
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

  /// Alarms a day on the whole host; nil if each metric has a budget of its own.
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
