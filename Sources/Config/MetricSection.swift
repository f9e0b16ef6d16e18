import Detection
public import Events
public import Series

/// A section `[Metric PATTERN]`: settings for the metrics whose names match.
public struct MetricSection: Section {
  /// The pattern in the section's header.
  public var pattern: Glob
  /// `Ignore=`: whether these metrics are not monitored at all; nil if unset.
  public var ignore: Bool?
  /// `Detect=`: whether a detector judges these metrics; nil if unset.
  public var detect: Bool?
  /// `Prior=`: the path of the prior for new metrics; nil if unset.
  public var prior: String?
  /// `AlarmBudget=`: normal samples per alarm, 10...1e9; nil if unset.
  public var alarmBudget: Double?
  /// `Direction=`: on which side of the expected value events count; nil if unset.
  public var direction: Side?
  /// `MinimumDeviation=`: minimum deviation of an event, in the metric's unit; nil if unset.
  public var minimumDeviation: Double?
  /// `MinimumRelativeDeviation=`: minimum deviation of an event, in percent of the expected value;
  /// nil if unset.
  public var minimumRelativeDeviation: Double?
  /// `Range=`: the values within limits; nil if unset.
  public var range: ClosedRange<Double>?
  /// `HostLimits=`: whether the built-in limits apply; nil if unset.
  public var hostLimits: Bool?
  /// The id of a component's built-in limit for its own metrics; not a key.
  public var hostLimit: UInt8?
  /// The possible values of a component's metrics; not a key.
  public var possible: ClosedRange<Double>?
  /// `Severity=`: the severity of events, by their values; nil if unset.
  public var severity: SeverityRule?
  /// `HoldOff=`: how long a metric must be normal before an event is closed; nil if unset.
  public var holdOff: Duration?
  /// `Merge=`: how soon after a close an opening continues the event; nil if unset.
  public var merge: Duration?

  /// The words of `Direction=`.
  public enum Side: String, CaseIterable, Sendable {
    /// Every event counts.
    case both
    /// Only those above the expected value.
    case high
    /// Only those below.
    case low
  }

  /// Nothing set for the metrics that match `pattern`.
  public init(pattern: Glob) {
    self.pattern = pattern
  }

  /// A rule built into the program.
  /// - Parameter text: a pattern; must be a valid constant.
  public init(builtIn text: String, _ change: (inout MetricSection) -> Void) {
    guard let pattern = Glob(text) else { preconditionFailure("\(text) is no pattern") }
    self.init(pattern: pattern)
    change(&self)
  }

  /// The rules that apply the table of the host's own metrics.
  public static let hostLimits = HostLimit.all.map { limit in
    MetricSection(builtIn: limit.pattern) {
      $0.hostLimit = limit.id
      $0.detect = limit.isJudged
    }
  }

  /// The keys.
  public static let keys: [Key<MetricSection>] = [
    Key(
      "Ignore",
      \.ignore,
      ValueSyntax<Bool>.truth.orUnset,
      "Whether to ignore these metrics altogether. Default: no.",
      example: "yes"
    ),
    Key(
      "Detect",
      \.detect,
      ValueSyntax<Bool>.truth.orUnset,
      "Whether a detector learns these metrics and opens events. With no, values are only shown, "
        + "and only limits (Range=, HostLimits=) open events. Default: yes; no for metrics of the "
        + "host that duplicate others, see docs/host-metrics.md.",
      example: "no"
    ),
    Key(
      "AlarmBudget",
      \.alarmBudget,
      ValueSyntax<Double>.number(AlarmBudget.samplesRange).orUnset,
      "Number of normal samples per alarm for these metrics. Default: that of [Detector].",
      example: "20000"
    ),
    Key(
      "Prior",
      \.prior,
      ValueSyntax<String>.absolutePath.orUnset,
      DetectorSection.priorHelp + " Default: that of [Detector].",
      example: "/etc/anomalyd/priors"
    ),
    Key(
      "Range",
      \.range,
      MetricSyntax.limits,
      "Fixed limits. A value outside opens an event at once, even during warm-up, with at least "
        + "severity error; the event closes when the value has been back inside for HoldOff=. "
        + "Default: none.",
      example: "0..95"
    ),
    Key(
      "HostLimits",
      \.hostLimits,
      ValueSyntax<Bool>.truth.orUnset,
      "Whether the built-in limits in docs/host-metrics.md apply to these metrics, from the first "
        + "sample on. Range= replaces them. Default: yes.",
      example: "no"
    ),
    Key(
      "Direction",
      \.direction,
      ValueSyntax<MetricSection.Side>.choice().orUnset,
      "Which anomalies open an event: high for values above the expected value, low for values "
        + "below it, both for these and for values that are unusual only in their sequence. Does "
        + "not affect Range=. Default: both.",
      example: "high"
    ),
    Key(
      "MinimumDeviation",
      \.minimumDeviation,
      ValueSyntax<Double>.number(0...1e30).orUnset,
      "Minimum deviation of the value, or of the level of a drift, from the expected value for an "
        + "event to open, in the unit of the metric. Does not affect Range=. Default: 0; for the "
        + "host's own metrics as listed in docs/host-metrics.md, such as 0.05 for cpu.*.",
      example: "0.05"
    ),
    Key(
      "MinimumRelativeDeviation",
      \.minimumRelativeDeviation,
      MetricSyntax.percent.orUnset,
      "The same in percent of the expected value. If both are given, both must be exceeded. "
        + "Default: 0%.",
      example: "20%"
    ),
    Key(
      "Severity",
      \.severity,
      MetricSyntax.severities.orUnset,
      "Severity of these metrics' events: one for all, or by value, such as info warning:80.. "
        + "critical:95.. with ranges as in Range=. If several ranges contain the value, the "
        + "highest severity applies; a severity without a range applies to all other values. This "
        + "key opens no events. Default: by the impact of the host's own metrics "
        + "(docs/host-metrics.md); otherwise by how far the score exceeds the threshold: info "
        + "below half a decade, warning from half a decade, error from two; at most warning if "
        + "only other values have a severity.",
      example: "info warning:80.. critical:95.."
    ),
    Key(
      "HoldOff",
      \.holdOff,
      ValueSyntax<Duration>.timeSpan(DetectorSection.holdOffRange).orUnset,
      DetectorSection.holdOffHelp + " Default: that of [Detector].",
      example: "5min"
    ),
    Key(
      "Merge",
      \.merge,
      ValueSyntax<Duration>.timeSpan(DetectorSection.holdOffRange).orUnset,
      DetectorSection.mergeHelp + " Default: that of [Detector].",
      example: "30min"
    ),
  ]
}

/// The syntax of limits and shares.
enum MetricSyntax {
  /// `0..95`, `..95` or `0..`, both ends included; a missing end is infinite.
  static let limits = ValueSyntax<ClosedRange<Double>?>(
    expectation: "a range such as 0..95, ..95 or 0.., inclusive"
  ) { text in
    guard !text.contains("..."), let dots = text.firstRange(of: "..") else { return nil }
    let (low, high) = (trimmed(text[..<dots.lowerBound]), trimmed(text[dots.upperBound...]))
    guard !low.isEmpty || !high.isEmpty,
      let lower = low.isEmpty ? -.infinity : finite(low),
      let upper = high.isEmpty ? .infinity : finite(high),
      lower <= upper
    else { return nil }
    return lower...upper
  } format: { range in
    guard let range else { return "" }
    func end(_ value: Double) -> String { value.isFinite ? formatNumber(value) : "" }
    return "\(end(range.lowerBound))..\(end(range.upperBound))"
  }

  /// `warning`, or `info warning:80.. critical:95..`.
  static let severities = ValueSyntax<SeverityRule>(
    expectation: alternatives(Severity.allCases.map(\.name))
      + ", or severities with ranges, such as info warning:80.. critical:95.."
  ) { text in
    var rule = SeverityRule()
    for word in Words.split(text)?.map(\.text) ?? [] {
      let parts = word.split(separator: ":", maxSplits: 1)
      guard let severity = parts.first.flatMap({ Severity(name: String($0)) }) else { return nil }
      if parts.count == 2 {
        guard let values = limits.parse(String(parts[1])) ?? nil else { return nil }
        rule.steps.append(SeverityRule.Step(severity, values))
      } else if rule.otherwise == nil, !word.contains(":") {
        rule.otherwise = severity
      } else {
        return nil
      }
    }
    return rule == SeverityRule() ? nil : rule
  } format: { rule in
    let steps = rule.steps.map { "\($0.severity.name):\(limits.format($0.values))" }
    return ((rule.otherwise.map { [$0.name] } ?? []) + steps).joined(separator: " ")
  }

  private static func finite(_ text: String) -> Double? {
    Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  /// A share as `20%` or `20`.
  static let percent = ValueSyntax<Double>(
    expectation: "a percentage such as 20%, from 0 to 100000"
  ) {
    text in
    let digits = text.hasSuffix("%") ? trimmed(text.dropLast()) : text
    return Double(digits).flatMap { (0...100_000).contains($0) ? $0 : nil }
  } format: {
    formatNumber($0) + "%"
  }
}

// MARK: Which section applies

extension Settings {
  /// Whether a metric is ignored. If several sections match and set it, the last one applies.
  public func ignores(_ metric: MetricName) -> Bool {
    lastMatch(metric, \.ignore) ?? false
  }

  /// Whether a detector judges a metric. If several sections match and set it, the last one
  /// applies.
  public func detects(_ metric: MetricName) -> Bool { lastMatch(metric, \.detect) ?? true }

  /// The budget of a metric: normal samples per alarm, or a share of the host's. If several
  /// sections match and set it, the last one applies; if none does, `[Detector]`.
  public func alarmBudget(of metric: MetricName) -> AlarmBudget {
    lastMatch(metric, \.alarmBudget).map { .samples($0) } ?? detector.alarmBudget
  }

  /// The prior of a new metric: the path of a file or directory, and the section that sets it; nil:
  /// none.
  public func prior(of metric: MetricName) -> (path: String, section: String)? {
    for section in metrics.reversed() {
      if let path = section.prior, section.pattern.matches(metric.text) {
        return (path, "Metric \(section.pattern)")
      }
    }
    return detector.prior.isEmpty ? nil : (detector.prior, "Detector")
  }

  /// All paths of priors, each with a section that sets it.
  public var priors: [(path: String, section: String)] {
    metrics.compactMap { section in section.prior.map { ($0, "Metric \(section.pattern)") } }
      + (detector.prior.isEmpty ? [] : [(detector.prior, "Detector")])
  }

  /// The configured event rules of a metric. If several sections match, the last one that sets a
  /// key applies.
  public func eventRules(of metric: MetricName) -> EventRules {
    let matching = sections.filter { $0.pattern.matches(metric.text) }
    func last<Value>(_ key: KeyPath<MetricSection, Value?>) -> Value? {
      matching.lazy.compactMap { $0[keyPath: key] }.first
    }
    var rules = EventRules()
    rules.side =
      switch last(\.direction) {
      case nil, .both: .both
      case .high: .high
      case .low: .low
      }
    rules.minimumDeviation = last(\.minimumDeviation) ?? 0
    rules.minimumRelativeDeviation = (last(\.minimumRelativeDeviation) ?? 0) / 100
    if let range = last(\.range) {
      rules.lowerLimit = range.lowerBound
      rules.upperLimit = range.upperBound
    } else if last(\.hostLimits) ?? true {
      rules.hostLimit = last(\.hostLimit)
    }
    rules.impact = last(\.hostLimit)
    if let possible = last(\.possible) { rules.possible = possible }
    rules.severity = last(\.severity)
    rules.holdOff = last(\.holdOff) ?? detector.holdOff
    rules.merge = last(\.merge) ?? detector.merge
    return rules
  }

  /// The settings of the files' `[Metric]` sections for a metric, as lines of such a section.
  public func metricLines(of metric: MetricName) -> [String] {
    let matching = metrics.reversed().filter { $0.pattern.matches(metric.text) }
    return MetricSection.keys.compactMap { key in
      let value = matching.lazy.map { key.format($0) }.first { !$0.isEmpty }
      return value.map { "\(key.name)=\($0)" }
    }
  }

  /// The rules of components for their own metrics.
  private var componentRules: [MetricSection] {
    (inputs + outputs).flatMap { type(of: $0.section).metricRules }
  }

  /// All sections about metrics; the first one that sets a key applies.
  private var sections: [MetricSection] { metrics.reversed() + componentRules.reversed() }

  private func lastMatch<Value>(_ name: MetricName, _ key: KeyPath<MetricSection, Value?>) -> Value?
  {
    for section in sections {
      if let value = section[keyPath: key], section.pattern.matches(name.text) { return value }
    }
    return nil
  }
}
