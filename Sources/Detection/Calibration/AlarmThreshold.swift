import Glibc
import Series

/// Turns scores into alarms: alarm budget, storm guard and hold-off.
///
/// Alarms within the hold-off of another one form an episode.
package struct AlarmThreshold {
  /// Minimum length of the warm-up, in samples; nothing alarms before it ends.
  package static let leastWarmUp = 300
  /// Maximum length: on most metrics a detector does not improve beyond it.
  package static let longestWarmUp = 2000
  /// How much rarer than anything seen so far an alarm may claim to be: 300 samples cannot show
  /// what happens once in a million.
  private static let extrapolation = 1000.0
  /// Decades by which the score of an early alarm must exceed the threshold, since a young detector
  /// overstates rarity.
  private static let earlyMargin = 1.0
  /// Samples after the last alarm until the episode is over.
  package static let holdOff = 30
  /// Samples after the last alarm from which a jump away from the value before the episode begins
  /// another one.
  package static let renewal = 8
  /// Samples after which a continuing episode is counted as another one.
  package static let longestEpisode = 1000
  /// Consecutive missing samples after which alarms are muted for ``mute`` samples.
  package static let longGap = 32
  /// Samples without alarms after a long gap.
  package static let mute = 8
  /// What each episode adds to the threshold, in decades, and the samples in which that decays.
  private static let rise = 0.2
  private static let decay = 250.0

  /// The outcome for one score.
  package struct Ruling {
    /// The threshold that the score was compared with.
    package var threshold: Float
    /// Whether the score reached it at a time when alarms are not muted.
    package var alarm = Alarm.none
    /// Whether an episode is in progress, its hold-off included.
    package var isHeld = false
    /// Whether the budget allows paging; see ``PagingAccount``.
    package var pages = true

    /// Whether the score alarms.
    package var isAlarming: Bool { alarm != .none }
    /// Whether an episode begins.
    package var opens: Bool { alarm.opensEpisode }
  }

  /// Decades above the threshold from which an alarm is above `info`: `warning`.
  package static let pagingExcess = 0.5

  private let budgetDecades: Double
  private let samplesPerAlarm: Double
  private var delta = 0.0
  private var heldUntil = -1
  private var episodeStart = -1
  private var missing = 0
  private var muted = 0
  private var account = PagingAccount()
  /// The newest value, and the one before the episode.
  private var (last, before) = (Double.nan, Double.nan)
  /// The storm guard's part of the threshold before the episode.
  private var deltaBefore = 0.0

  /// - Parameter budget: mean number of normal samples between alarms, > 1.
  package init(budget: Double) {
    precondition(budget > 1, "an alarm budget is a number of samples between alarms")
    budgetDecades = log10(budget)
    samplesPerAlarm = budget
  }

  /// The score that alarms now.
  /// - Parameter budgetOffset: decades added from outside, >= 0.
  package func current(budgetOffset: Double) -> Double { budgetDecades + delta + budgetOffset }

  /// The threshold in decades, without the storm guard and external offsets.
  var budget: Double { budgetDecades }

  /// Samples before a detector alarms freely: the rarer alarms are to be, the more it needs.
  /// - Parameter budgetOffset: decades added from outside for the required rarity.
  package func warmUp(budgetOffset: Double) -> Int {
    let rarity = pow(10, budgetDecades + budgetOffset) / AlarmThreshold.extrapolation
    let bounds = (Double(AlarmThreshold.leastWarmUp), Double(AlarmThreshold.longestWarmUp))
    return Int(max(bounds.0, min(bounds.1, rarity)).rounded())
  }

  /// The state of a detector after `seen` samples, the newest of them judged.
  package func state(seen: Int, isHeld: Bool, budgetOffset: Double) -> DetectorState {
    if seen < AlarmThreshold.longestWarmUp, !isHeld || seen < AlarmThreshold.leastWarmUp {
      let needed = warmUp(budgetOffset: budgetOffset)
      if seen < needed { return .warmingUp(seen: seen, needed: needed) }
    }
    return isHeld ? .anomalous : .normal
  }

  /// Counts samples from 0 again; an episode keeps the rest of its hold-off.
  mutating func beginAnew(seen: Int) {
    heldUntil -= seen
    episodeStart -= seen
  }

  /// Reverts the storm guard's increase for one episode, as far as it has not decayed: the episode
  /// was not part of an alarm storm.
  mutating func undoStormGuard() {
    delta = max(0, delta - AlarmThreshold.rise)
    account.refund()
  }

  /// Counts a missing sample.
  package mutating func skip() {
    if missing < 1 << 30 { missing += 1 }
  }

  /// Takes the score of the sample that follows `seen` earlier ones.
  /// - Parameters:
  ///   - budgetOffset: decades added to the threshold from outside, >= 0.
  ///   - warmUpOffset: the part of them that counts for the warm-up; nil: all.
  ///   - isCharged: whether alarms cost the metric's own budget, which then decides whether they page.
  ///   - mayAlarmEarly: whether it may alarm before the end of the warm-up, by a score that exceeds
  ///     the threshold by ``earlyMargin``.
  ///   - value: the sample's value.
  ///   - renews: whether an alarm begins another episode once ``renewal`` has passed, if the value moves
  ///     away from that before the present episode: a return to normal is not another anomaly.
  package mutating func judge(
    _ score: Float, seen: Int, budgetOffset: Double = 0, warmUpOffset: Double? = nil,
    isCharged: Bool = false, mayAlarmEarly: Bool = false, value: Double = .nan,
    renews: @autoclosure () -> Bool = false
  ) -> Ruling {
    defer { last = value }
    if missing >= AlarmThreshold.longGap { muted = AlarmThreshold.mute }
    missing = 0
    delta = max(0, delta - AlarmThreshold.rise / AlarmThreshold.decay)
    if muted > 0 { muted -= 1 }
    account.earn(budget: samplesPerAlarm)
    let current = current(budgetOffset: budgetOffset)
    var ruling = Ruling(threshold: Float(current))
    if Double(score) >= current, muted == 0,
      seen >= warmUp(budgetOffset: warmUpOffset ?? budgetOffset)
        || mayAlarmEarly && seen >= AlarmThreshold.leastWarmUp
          && Double(score) >= current + AlarmThreshold.earlyMargin
    {
      ruling.alarm = .further
      let isOver = seen >= heldUntil
      let renewable = heldUntil - AlarmThreshold.holdOff + AlarmThreshold.renewal
      let isAway = abs(value - before) > abs(last - before)
      if isOver || seen >= renewable && isAway && renews() {
        ruling.alarm = isOver ? .first : .renewed
        if isOver { before = last } else { account.beginEvent() }
        episodeStart = seen
        deltaBefore = delta
        delta += AlarmThreshold.rise
        heldUntil = seen + AlarmThreshold.holdOff
      } else if seen - episodeStart < AlarmThreshold.longestEpisode {
        heldUntil = max(heldUntil, seen + AlarmThreshold.holdOff)
      }
      if isCharged { ruling.pages = pays(for: score, budgetOffset: budgetOffset) }
    }
    ruling.isHeld = seen < heldUntil
    return ruling
  }

  /// Whether the metric's own budget allows paging at that score.
  private func pays(for score: Float, budgetOffset: Double) -> Bool {
    let offset = account.offset
    guard offset > 0 else { return true }
    return Double(score) >= budgetDecades + deltaBefore + budgetOffset
      + AlarmThreshold.pagingExcess + offset
  }

  /// See ``PagingAccount/settle(isPaging:)``.
  mutating func settle(isPaging: Bool) { account.settle(isPaging: isPaging) }

  mutating func codeAccount(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try account.code(&coder)
    try coder.code(&deltaBefore)
  }

  mutating func codeEpisode(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&last)
    try coder.code(&before)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&delta)
    try coder.code(&heldUntil)
    try coder.code(&episodeStart)
    try coder.code(&missing, in: 0...(1 << 30), "missing samples")
    try coder.code(&muted, in: 0...AlarmThreshold.mute, "muted samples")
  }
}
