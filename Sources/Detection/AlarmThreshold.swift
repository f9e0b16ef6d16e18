import Glibc
import Series

/// Turns scores into events: the alarm budget, a guard against storms, and the hold-off.
package struct AlarmThreshold {
  /// The least samples of warm-up, during which nothing alarms.
  package static let warmUp = 300
  /// The most: what a detector knows by then is as good as it gets on most metrics.
  package static let longestWarmUp = 2000
  /// How much rarer than anything seen so far an alarm may claim to be: an alarm that shall come
  /// once in a million samples cannot be told from a usual sight after 300.
  private static let extrapolation = 1000.0
  /// Samples after the last alarming one until the event is over.
  package static let holdOff = 30
  /// Samples after which an event that goes on is told anew.
  package static let longestEpisode = 1000
  /// Missing samples in a row after which alarms are muted for ``mute`` samples.
  package static let longGap = 32
  /// Samples without alarms after a long gap.
  package static let mute = 8
  /// What each event adds to the threshold, in decades, and the samples in which that decays.
  private static let rise = 0.2
  private static let decay = 250.0

  /// What comes of one score.
  package struct Judgement {
    /// The threshold that it was held against.
    package var threshold: Float
    /// Whether it reached the threshold at a time when alarms are not muted.
    package var isAlarming = false
    /// Whether an event opens.
    package var opens = false
    /// Whether one is open, or its hold-off has not ended.
    package var isHeld = false
  }

  private let budgetDecades: Double
  private var delta = 0.0
  private var heldUntil = -1
  private var episodeStart = -1
  private var missing = 0
  private var muted = 0

  /// - Parameter budget: mean number of normal samples between alarms, > 1.
  package init(budget: Double) {
    precondition(budget > 1, "an alarm budget is a number of samples between alarms")
    budgetDecades = log10(budget)
  }

  /// The score at which an event opens now.
  /// - Parameter budgetOffset: decades that somebody outside adds, >= 0.
  package func current(budgetOffset: Double) -> Double { budgetDecades + delta + budgetOffset }

  /// The threshold without the storm guard and without what somebody outside adds, in decades.
  var budget: Double { budgetDecades }

  /// Samples before anything alarms: the more, the rarer alarms shall be.
  /// - Parameter budgetOffset: as of ``judge(_:seen:budgetOffset:)``.
  package func warmUp(budgetOffset: Double) -> Int {
    let rarity = pow(10, budgetDecades + budgetOffset) / AlarmThreshold.extrapolation
    let bounds = (Double(AlarmThreshold.warmUp), Double(AlarmThreshold.longestWarmUp))
    return Int(max(bounds.0, min(bounds.1, rarity)).rounded())
  }

  /// Where a detector stands that has seen so many samples, the newest of them judged.
  package func state(seen: Int, isHeld: Bool, budgetOffset: Double) -> DetectorState {
    if seen < AlarmThreshold.longestWarmUp {
      let needed = warmUp(budgetOffset: budgetOffset)
      if seen < needed { return .warmingUp(seen: seen, needed: needed) }
    }
    return isHeld ? .anomalous : .normal
  }

  /// The samples seen so far count no more; an event goes on for its hold-off.
  mutating func beginAnew(seen: Int) {
    heldUntil -= seen
    episodeStart -= seen
  }

  /// Takes back what the storm guard has added for one event, as far as it has not faded: that
  /// event was none of a storm of false alarms.
  mutating func undoStormGuard() { delta = max(0, delta - AlarmThreshold.rise) }

  /// Counts a missing sample.
  package mutating func skip() {
    if missing < 1 << 30 { missing += 1 }
  }

  /// Takes the score of the sample that follows `seen` earlier ones.
  /// - Parameter budgetOffset: decades that somebody outside adds to the threshold, >= 0.
  package mutating func judge(_ score: Float, seen: Int, budgetOffset: Double = 0) -> Judgement {
    if missing >= AlarmThreshold.longGap { muted = AlarmThreshold.mute }
    missing = 0
    delta = max(0, delta - AlarmThreshold.rise / AlarmThreshold.decay)
    if muted > 0 { muted -= 1 }
    let current = current(budgetOffset: budgetOffset)
    var judgement = Judgement(threshold: Float(current))
    if Double(score) >= current, muted == 0, seen >= warmUp(budgetOffset: budgetOffset) {
      judgement.isAlarming = true
      if seen >= heldUntil {
        judgement.opens = true
        episodeStart = seen
        delta += AlarmThreshold.rise
        heldUntil = seen + AlarmThreshold.holdOff
      } else if seen - episodeStart < AlarmThreshold.longestEpisode {
        heldUntil = max(heldUntil, seen + AlarmThreshold.holdOff)
      }
    }
    judgement.isHeld = seen < heldUntil
    return judgement
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&delta)
    try coder.code(&heldUntil)
    try coder.code(&episodeStart)
    try coder.code(&missing, in: 0...(1 << 30), "missing samples")
    try coder.code(&muted, in: 0...AlarmThreshold.mute, "muted samples")
  }
}
