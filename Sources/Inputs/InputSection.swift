public import Config

/// A section `[Input NAME]`, which creates the input that it describes.
public protocol InputSection: ComponentSection {
  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): forever.
  var stallAfter: Duration? { get set }
  /// How often the input is polled in addition to when it is ready.
  var interval: Duration { get }
  /// A short description of the source.
  var subject: String { get }
  /// When samples come.
  var rhythm: InputRhythm { get }
  /// How long the input needs for a trial.
  var trialPlan: InputTrialPlan { get }

  /// The section for a trial: delivers existing data from the beginning, and soon.
  func forTrial() -> Self

  /// The section for a daemon in the foreground as an ordinary user: paths at the system's defaults
  /// move to that user's directories.
  /// - Parameter runtimeDirectory: the directory for that user's sockets.
  func ofUser(runtimeDirectory: String) -> Self

  /// The input `name`.
  func make(name: String) -> any Input
}

extension InputSection {
  /// The same.
  public func forTrial() -> Self { self }
  /// The same.
  public func ofUser(runtimeDirectory: String) -> Self { self }

  /// Time without a sample after which the input has stalled: `StallAfter=`, at least three
  /// intervals; nil: never.
  public var stallLimit: Duration? { stallAfter.map { max($0, interval * 3) } }
}

/// When the samples of an input arrive.
public enum InputRhythm: Equatable, Sendable {
  /// It is read at this interval.
  case every(Duration)
  /// Whenever its source sends.
  case asSent
  /// Its source sends at any time; samples are sums and means over this interval.
  case summedUp(every: Duration)
}

/// How long an input needs for a trial.
public enum InputTrialPlan: Equatable, Sendable {
  /// A number of readings, one interval apart.
  case readings(Int)
  /// Until all available data has been read, or time is up.
  case untilDrained(Duration)
  /// A fixed time.
  case listening(Duration)
}

extension Key where Root: InputSection {
  /// `StallAfter=` of one type of input.
  /// - Parameter reason: the reason for the default.
  static func stallAfter(_ reason: String) -> Key {
    Key(
      "StallAfter",
      \.stallAfter,
      .timeSpanOrInfinity(.seconds(1) ... .seconds(365 * 86_400)),
      "How long an input may deliver no samples before it counts as stalled: an event opens on "
        + "input.NAME and closes with the next sample. Never less than three intervals, and time "
        + "during which the machine is suspended does not count. " + reason
    )
  }

  /// `Interval=`, time between two readings.
  static func interval(
    _ path: any WritableKeyPath<Root, Duration> & Sendable, _ help: String
  ) -> Key {
    Key("Interval", path, .timeSpan(.milliseconds(100) ... .seconds(86_400)), help)
  }
}
