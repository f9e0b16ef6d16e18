public import Detection
import Series
import Terminal

extension Event {
  /// Where the opening value lay: `high`, `low`, or `unusual` where the value as such lay inside
  /// the band and its course spoke.
  public var direction: String {
    let upper = upper.isFinite ? upper : expected
    let lower = lower.isFinite ? lower : expected
    if value > upper { return "high" }
    if value < lower { return "low" }
    return "unusual"
  }

  /// What happened, in one line without a final stop, such as `cpu.busy is high: 97.1, expected
  /// 12.3 (8.1 to 16.9), score 4.2, because the value is far from the forecast`.
  public var explanation: String {
    "\(metric) is \(direction): \(measured), score \(HumanNumber.fixed(Double(score), decimals: 1))"
      + ", because \(reason.explanation)"
  }

  /// The end of the event in one line; ``explanation`` while it is open.
  public var closingExplanation: String {
    guard let closed else { return explanation }
    return "\(metric) is normal again after \(HumanNumber.duration(closed.elapsed(since: opened)))"
      + ", peak score \(HumanNumber.fixed(Double(peakScore), decimals: 1)); it was \(direction): "
      + measured
  }

  private var measured: String {
    let band =
      lower.isFinite && upper.isFinite
      ? " (\(HumanNumber.value(lower)) to \(HumanNumber.value(upper)))" : ""
    return "\(HumanNumber.value(value)), expected \(HumanNumber.value(expected))\(band)"
  }
}

extension EventTransition {
  /// The step in one line for a person.
  public var sentence: String {
    switch self {
    case .opened(let event): event.explanation
    case .closed(let event): event.closingExplanation
    }
  }

  /// The word used in files, journal fields and scripts: `opened` or `closed`.
  public var stateName: String {
    switch self {
    case .opened: "opened"
    case .closed: "closed"
    }
  }
}
