import Detection
import Events

/// What may differ from metric to metric.
extension SettingsTable {
  static let holdOffRange: ClosedRange<Duration> = .zero ... .seconds(7 * 86_400)

  static let holdOffHelp =
    "How long a metric must be normal, by its time stamps, before the close of its event is told; "
    + "until then a new alarm goes on with the open event. Beside it the detector itself waits "
    + "for 30 samples without an alarm, which is the longer time for slow metrics. On a stream of "
    + "events, 500 of them without an alarm end it in any case."
  static let mergeHelp =
    "How soon after a close, by time stamps, a new alarm continues the closed event, under its id "
    + "and as an update, instead of opening another one. 0: never."

  static let metric: [Key<Settings.Metric>] = [
    Key(
      "Ignore",
      \.ignore,
      ValueSyntax<Bool>.truth.orUnset,
      "Whether these metrics are not watched at all. Default: no."
    ),
    Key(
      "AlarmBudget",
      \.alarmBudget,
      ValueSyntax<Double>.number(alarmBudgetRange).orUnset,
      "How many normal samples of such a metric may pass for one alarm. Default: that of "
        + "[Detector]."
    ),
    Key(
      "Range",
      \.range,
      .limits,
      "Limits of your own: a value outside opens an event at once, even while the detector warms "
        + "up, with severity error or more; it is over when the value is back inside (and "
        + "HoldOff= has passed). Default: none."
    ),
    Key(
      "Direction",
      \.direction,
      ValueSyntax<Settings.Metric.Side>.choice().orUnset,
      "Which anomalies open an event: high for values above what was expected, low for those "
        + "below, both for these and for those whose course alone is unusual. Does not concern "
        + "Range=. Default: both."
    ),
    Key(
      "MinimumDeviation",
      \.minimumDeviation,
      ValueSyntax<Double>.number(0...1e30).orUnset,
      "How far the value, or the level of a drift, must be from what was expected for an event to "
        + "open, in the unit of the metric. Does not concern Range=. Default: 0; for the host's own "
        + "metrics what docs/host-metrics.md lists, such as 0.05 for cpu.*."
    ),
    Key(
      "MinimumRelativeDeviation",
      \.minimumRelativeDeviation,
      ValueSyntax<Double>.percent.orUnset,
      "The same in percent of what was expected. Where both are given, both must be reached. "
        + "Default: 0%."
    ),
    Key(
      "Severity",
      \.severity,
      ValueSyntax<Severity>.severity.orUnset,
      "How grave events of these metrics are. Default: by how far the score lies above the "
        + "threshold, from half a decade on warning, from two on error, from five on critical; "
        + "below half a decade info."
    ),
    Key(
      "HoldOff",
      \.holdOff,
      ValueSyntax<Duration>.timeSpan(holdOffRange).orUnset,
      holdOffHelp + " Default: that of [Detector]."
    ),
    Key(
      "Merge",
      \.merge,
      ValueSyntax<Duration>.timeSpan(holdOffRange).orUnset,
      mergeHelp + " Default: that of [Detector]."
    ),
  ]
}
