/// A kind of input of which it can be told that it says nothing any more.
protocol CanFallSilent: Sendable {
  /// `SilenceAfter=`; nil (`infinity`): it may be quiet for ever.
  var silenceAfter: Duration? { get set }
}

extension Key where Root: CanFallSilent {
  /// `SilenceAfter=` of one kind of input.
  /// - Parameter reason: why the default is what it is.
  static func silenceAfter(_ reason: String) -> Key {
    Key(
      "SilenceAfter",
      \.silenceAfter,
      .timeSpanOrInfinity(.seconds(1) ... .seconds(365 * 86_400)),
      "After how long without a sample an event opens on input.NAME; it is closed by the next sample. "
        + "Never before three intervals have passed, and not while the machine sleeps. " + reason
    )
  }
}

extension Settings.Procfs: CanFallSilent {}
extension Settings.CSV: CanFallSilent {}
extension Settings.Events: CanFallSilent {}
extension Settings.Serial: CanFallSilent {}
extension Settings.Socket: CanFallSilent {}

extension Settings.Input {
  /// After how long without a sample the input counts as silent: `SilenceAfter=`, at least three
  /// intervals; nil: never.
  public var silenceAfter: Duration? {
    let given: Duration? =
      switch source {
      case .procfs(let procfs): procfs.silenceAfter
      case .csv(let csv): csv.silenceAfter
      case .events(let events): events.silenceAfter
      case .serial(let serial): serial.silenceAfter
      case .socket(let socket): socket.silenceAfter
      }
    return given.map { max($0, interval * 3) }
  }
}
