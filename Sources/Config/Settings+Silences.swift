public import Calendar

extension Settings {
  /// A section `[Silence NAME]`: times in which nobody is to be woken, or nothing is to be learnt.
  public struct Silence: Equatable, Sendable {
    /// The name in the section's header.
    public var name: String
    /// `Metrics=`: patterns over names; empty for all.
    public var metrics: [String] = []
    /// `Schedule=`: when it begins, each time.
    public var schedule: [CalendarExpression] = []
    /// `Duration=`: how long it lasts from then on, 1 s to 366 d.
    public var duration = Duration.zero
    /// `SuppressAlarms=`: whether outputs hear nothing of events that open in it.
    public var suppressAlarms = true
    /// `SuppressLearning=`: whether detectors forget what they learn in it.
    public var suppressLearning = false
    /// `Reason=`: what for, in words.
    public var reason = ""

    /// The silence `name`, all else default.
    public init(name: String) {
      self.name = name
    }

    /// How long a silence can last.
    public static let durations: ClosedRange<Duration> = .seconds(1) ... .seconds(366 * 86_400)
    /// The most bytes of a reason.
    public static let maximumReasonBytes = 256
  }
}
