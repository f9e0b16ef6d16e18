public import Calendar

/// A section `[Silence NAME]`: times in which events are muted, or nothing is learnt.
public struct SilenceSection: Section {
  /// The name in the section's header.
  public var name: String
  /// `Metrics=`: patterns of metric names; empty for all.
  public var metrics: [String] = []
  /// `Schedule=`: when it begins, each time.
  public var schedule: [CalendarExpression] = []
  /// `Duration=`: how long it lasts from then on, 1 s to 366 d.
  public var duration = Duration.zero
  /// `SuppressAlarms=`: whether events that open in it are kept from outputs.
  public var suppressAlarms = true
  /// `SuppressLearning=`: whether learning during it is undone.
  public var suppressLearning = false
  /// `Reason=`: its purpose.
  public var reason = ""

  /// The silence `name`, all other values default.
  public init(name: String) {
    self.name = name
  }

  /// Possible durations of a silence.
  public static let durations: ClosedRange<Duration> = .seconds(1) ... .seconds(366 * 86_400)
  /// Maximum length of a reason in bytes.
  public static let maximumReasonBytes = 256

  /// A schedule and a duration are required, and so is an effect.
  public func check(_ check: inout SectionCheck) {
    check.require(
      "Schedule", isMissing: schedule.isEmpty, expected: "a calendar expression such as Sat 02:00")
    check.require(
      "Duration", isMissing: duration == .zero, expected: "how long it lasts, such as 2h")
    if !suppressAlarms, !suppressLearning {
      check.refuse(
        "SuppressAlarms", "SuppressLearning",
        expected: "SuppressAlarms=yes or SuppressLearning=yes, or the silence does nothing")
    }
  }

  /// The keys.
  public static let keys: [Key<SilenceSection>] = [
    Key(
      "Metrics",
      \.metrics,
      .globs,
      "The metrics to which it applies, as patterns of their names; empty for all. A second "
        + "assignment adds to the first.",
      example: "app.* web.latency"
    ),
    Key(
      "Schedule",
      \.schedule,
      SilenceSyntax.schedule,
      "Start times, as a calendar expression of systemd.time(7) such as Sat 02:00, *-*-1..7 03:00 "
        + "UTC or Mon..Fri *:00/30; required. Local time unless the expression ends with a time "
        + "zone. A second assignment adds another expression. systemd-analyze calendar explains "
        + "them.",
      example: "Sat 02:00"
    ),
    Key(
      "Duration",
      \.duration,
      SilenceSyntax.duration,
      "Duration of each occurrence; required. If the next one begins before it has ended, it "
        + "continues.",
      example: "2h"
    ),
    Key(
      "SuppressAlarms",
      \.suppressAlarms,
      .truth,
      "Whether outputs are not notified of events that open during the silence. Such events are "
        + "still recorded, marked as silenced. If an event is still open when the silence ends, "
        + "outputs are notified then. Events that were open before close as usual."
    ),
    Key(
      "SuppressLearning",
      \.suppressLearning,
      .truth,
      "Whether detectors forget what they learnt during the silence when it ends, as if no "
        + "samples had arrived. Intended for unusual loads that must not come to be considered "
        + "normal; recurring ones are better learnt. Uses some 28 kB of memory per metric while "
        + "active; see SilenceMemory= in [Agent]."
    ),
    Key(
      "Reason", \.reason, SilenceSyntax.reason, "The reason, shown wherever the silence is.",
      example: "nightly backup"),
  ]
}

/// The syntax of a silence's values.
private enum SilenceSyntax {
  /// One calendar expression per assignment.
  static let schedule = ValueSyntax<[CalendarExpression]>(
    expectation: "a calendar expression of systemd.time(7) such as Sat 02:00",
    emptied: [],
    adding: { $0 + $1 }
  ) { text in
    (try? CalendarExpression(parsing: text, zone: ZoneFiles.rules(named:))).map { [$0] }
  } format: { expressions in
    // Several take an assignment each: see ``Settings/describe()``.
    expressions.map(\.description).joined(separator: "\n")
  }

  /// The duration of a silence; empty if it is not set.
  static let duration = {
    let span = ValueSyntax.timeSpan(SilenceSection.durations)
    return ValueSyntax(expectation: span.expectation, parse: span.parse) {
      $0 == .zero ? "" : span.format($0)
    }
  }()

  /// A text of bounded length.
  static let reason = ValueSyntax<String>(
    expectation: "at most \(SilenceSection.maximumReasonBytes) bytes of text"
  ) {
    $0.utf8.count <= SilenceSection.maximumReasonBytes ? $0 : nil
  } format: {
    $0
  }
}
